#!/bin/bash
# Runs real programs on the reference allocator and compares their results with a run on the C library's.
#   run.sh [--short] [NAME…]      all, or those named (programs/NAME.sh); --short: about a minute in all
# LIBRARY names the library to preload (default build/release/liballoclab_reference.so). A program that is
# not installed is skipped by name; `scripts/setup.sh --real-programs` installs them.
# Exit: 0 all results are the same, 1 one differs, 2 no such program or library.
#
# programs/NAME.sh prints results that do not depend on time or place. It starts in an empty folder and may
# use ROOT (the repository) and SHORT (empty or 1). Its first line with "needs:" names its commands; the
# first one is the program that must be found to take malloc from the library.
set -uo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
export ROOT SHORT='' LC_ALL=C
programs=$ROOT/scripts/real_programs/programs
library=$(realpath -m "${LIBRARY:-$ROOT/build/release/liballoclab_reference.so}")

# Whether malloc of this command is bound to the library: what the dynamic linker itself says.
is_in_force() {
  LD_PRELOAD=$library LD_DEBUG=bindings "$1" --version </dev/null 2>&1 >/dev/null |
    grep -F "to $library [0]: normal symbol \`malloc'" >/dev/null  # not -q: the program would get SIGPIPE
}

# Prints the first needed command that is not installed.
missing_command() {
  local name
  for name in "$@"; do command -v "$name" >/dev/null || { echo "$name"; return; }; done
}

# Runs a program in an empty folder of its own: run_in FOLDER NAME [PRELOAD].
run_in() {
  mkdir -p "$1/work"
  (cd "$1/work" && env ${3:+LD_PRELOAD="$3"} timeout 1800 bash "$programs/$2.sh") \
    >"$1/result" 2>"$1/stderr" </dev/null
  echo "exit $?" >>"$1/result"
}

# Prints one line on the program. Returns 1 when its results differ.
try_program() {
  local name=$1 needs lacking started=$SECONDS
  read -ra needs <<<"$(sed -n 's/^# needs: //p' "$programs/$name.sh" | head -1)"
  lacking=$(missing_command "${needs[@]}")
  if [ -n "$lacking" ]; then echo "$name: skipped: no $lacking"; return 0; fi
  is_in_force "${needs[0]}" || { echo "$name: FAILED: ${needs[0]} does not take malloc from $library"; return 1; }
  run_in "$folder/$name.libc" "$name"
  if ! grep -qx 'exit 0' "$folder/$name.libc/result"; then
    echo "$name: FAILED: it fails on the C library's malloc too"
    tail -5 "$folder/$name.libc/stderr"
    return 1
  fi
  run_in "$folder/$name.reference" "$name" "$library"
  if ! diff -u "$folder/$name.libc/result" "$folder/$name.reference/result" >"$folder/$name.diff"; then
    echo "$name: FAILED: results differ"
    head -40 "$folder/$name.diff"
    tail -5 "$folder/$name.reference/stderr"
    return 1
  fi
  echo "$name: same results ($(wc -l <"$folder/$name.libc/result") lines, $((SECONDS - started)) s)"
}

names=()
for argument in "$@"; do
  case $argument in
    --short) SHORT=1 ;;
    -*) echo "run.sh: unknown option $argument; see the head of $0" >&2; exit 2 ;;
    *) [ -f "$programs/$argument.sh" ] || { echo "run.sh: no programs/$argument.sh" >&2; exit 2; }
       names+=("$argument") ;;
  esac
done
[ -f "$library" ] || { echo "run.sh: no $library: make build" >&2; exit 2; }
if [ ${#names[@]} = 0 ]; then
  for file in "$programs"/*.sh; do names+=("$(basename "$file" .sh)"); done
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
for name in "${names[@]}"; do try_program "$name" || status=1; done
exit $status
