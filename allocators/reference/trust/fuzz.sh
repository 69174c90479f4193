#!/bin/bash
# Builds the fuzz target with clang and runs it under AddressSanitizer and UBSan.
#   fuzz.sh [SECONDS]    default 60; findings stay in the build folder
#   fuzz.sh --minimise   keeps in corpus/ the smallest inputs that reach the same code
# BUILD names the folder to build and to collect inputs in (default /tmp/alloclab-fuzz).
# Exit: 0 nothing found, 1 a finding (its input is named), 2 no clang with libFuzzer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-/tmp/alloclab-fuzz}
clang=$(compgen -c clang++ | sort -Vu | tail -1)
[ -n "$clang" ] || { echo "fuzz: no clang++; install clang and libclang-rt-dev" >&2; exit 2; }

mkdir -p "$build/inputs"
core=$(ls "$here"/../*.cpp | grep -vE '_test\.cpp$|/malloc\.cpp$|/new_delete\.cpp$')
"$clang" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -fno-builtin \
  -fno-omit-frame-pointer -I"$here/.." -pthread -o "$build/fuzz_target" $core \
  "$here"/{fuzz_target,byte_operations,model,shadow,subject_layers}.cpp || exit 2

options=(-max_len=2000 -rss_limit_mb=4096 -timeout=30 -artifact_prefix="$build/finding-")
cd "$build"
if [ "${1:-}" = --minimise ]; then
  rm -rf kept && mkdir kept
  ./fuzz_target "${options[@]}" -set_cover_merge=1 kept inputs "$here/corpus"
  find "$here/corpus" -type f -delete
  cp kept/* "$here/corpus/"
else
  ./fuzz_target "${options[@]}" -max_total_time="${1:-60}" -print_final_stats=1 inputs "$here/corpus"
fi
