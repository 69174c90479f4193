#!/bin/bash
# Installs the Debian packages the lab needs; silent and quick when none is missing.
#   setup.sh [--containers] [--slurm] [--real-programs]   also what these tests need
#   setup.sh --list GROUP…              print a group's packages: build analysis allocators optional containers slurm real-programs
#   setup.sh --python                   print the Python interpreter that has the analysis packages
# Exit: 0 everything required is there, 2 something is missing and cannot be installed here.
set -euo pipefail

# a|b: the name differs between Debian releases; any of them will do.
declare -A packages=(
  [build]="g++ cmake ninja-build make git nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev"
  [analysis]="python3 python3-matplotlib python3-numpy python3-scipy python3-pandas python3-jinja2
              python3-jsonschema python3-pytest python3-hypothesis valgrind jq libbenchmark-tools"
  # Optional: an allocator that is not there becomes a row with status skipped.
  [allocators]="libjemalloc2 libtcmalloc-minimal4|libtcmalloc-minimal4t64 libmimalloc2.0|libmimalloc3 libtbbmalloc2
                libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-21-dev"
  # Optional too: 32-bit programs beside the lab. What is not there is not built, and its cases say so.
  [optional]="g++-multilib"
  [containers]="podman|docker.io runc mmdebstrap uidmap"
  [slurm]="slurmctld slurmd slurm-client munge"
  [real-programs]="gcc perl sqlite3 nodejs redis-server redis-tools libpython3.11-testsuite|libpython3.13-testsuite|libpython3-testsuite"
)
commands="g++ cmake ninja make git"
headers="nlohmann/json.hpp CLI/CLI.hpp gtest/gtest.h gmock/gmock.h benchmark/benchmark.h"
modules="numpy scipy pandas matplotlib jinja2 jsonschema pytest hypothesis"

python_has_modules() {
  "$1" -c 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))' \
    $modules 2>/dev/null
}

# Prints the first interpreter that can import the analysis packages.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 $(type -ap python3); do
    if python_has_modules "$candidate"; then echo "$candidate"; return; fi
  done
  echo "setup: no python3 has all of: $modules" >&2
  return 2
}

# True when commands, headers and Python modules are there, wherever they came from.
tools_present() {
  local name
  for name in $commands; do command -v "$name" >/dev/null || return 1; done
  for name in $headers; do printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$name"; done |
    g++ -E -x c++ - >/dev/null 2>&1 && find_python >/dev/null 2>&1
}

# Prints the entries of the list $1 of which no alternative is installed.
missing_of() {
  local installed entry
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' ${1//|/ } 2>/dev/null | grep ' .i' | cut -d' ' -f1)
  for entry in $1; do
    grep -qxE "${entry//+/\\+}" <<<"$installed" || echo "$entry"
  done
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

known_to_apt() { [ -n "$(apt-cache show --no-all-versions ${1//|/ } 2>/dev/null)" ]; }

# Prints, for each entry, the alternative that this release of Debian has (or the first, for apt to name).
available_names() {
  local entry name chosen
  for entry in "$@"; do
    chosen=${entry%%|*}
    for name in ${entry//|/ }; do
      if known_to_apt "$name"; then chosen=$name; break; fi
    done
    echo "$chosen"
  done
}

update_lists() { as_root apt-get update -qq || true; }

# `apt-get install` for the entries; the package lists are fetched when there are none or they are out of date.
install() {
  echo "setup: installing $*" >&2
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends)
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || update_lists
  as_root "${apt[@]}" $(available_names "$@") >&2 && return
  update_lists
  as_root "${apt[@]}" $(available_names "$@") >&2
}

cannot_install() {
  echo "setup: $1. The lab needs:" >&2
  printf '  %s\n' $2 >&2
  exit 2
}

set_up() {
  local required="${packages[build]} ${packages[analysis]}" group
  for group in "$@"; do required+=" ${packages[$group]}"; done

  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    if [ $# = 0 ] && tools_present; then return; fi
    cannot_install "this is not Debian: please install these packages' counterparts" "$required"
  fi

  local lacking optional
  lacking=$(missing_of "$required ${packages[allocators]} ${packages[optional]}")
  [ -n "$lacking" ] || return 0
  lacking=$(missing_of "$required") optional=$(missing_of "${packages[allocators]} ${packages[optional]}")
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    if [ -z "$lacking" ] || { [ $# = 0 ] && tools_present; }; then return; fi
    cannot_install "not root, and there is no sudo" "$lacking"
  fi
  if [ -n "$lacking" ]; then
    install $lacking || cannot_install "apt-get failed (its messages are above)" "$lacking"
  fi
  local entry known=''
  for entry in $optional; do known_to_apt "$entry" && known+=" $entry"; done
  { [ -n "$known" ] && install $known; } || true
  for entry in $(missing_of "$optional"); do
    echo "setup: $entry is not to be had here; what needs it will say skipped" >&2
  done
}

case ${1:-} in
  --list) shift; for group in "$@"; do printf '%s\n' ${packages[$group]}; done ;;
  --python) find_python ;;
  *)
    groups=()
    for option in "$@"; do
      case $option in
        --containers | --slurm | --real-programs) groups+=("${option#--}") ;;
        *) echo "setup: unknown option $option; see the head of $0" >&2; exit 2 ;;
      esac
    done
    set_up ${groups[@]+"${groups[@]}"} ;;
esac
