#!/bin/bash
# Runs the tests of the layers and of trust/ under sanitizers: AddressSanitizer with UBSan, then
# ThreadSanitizer. (The tests of the C names cannot be: a sanitizer is an allocator itself.)
#   sanitize.sh [address,undefined | thread]…    default: both
# BUILD names the folder to build in (default /tmp/alloclab-sanitize), TRUST_OPERATIONS the length of
# random runs (default 300000). Exit: 0 clean, 1 a finding.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-/tmp/alloclab-sanitize}
programs=(reference_test reference_model_test reference_inject_test reference_corpus_test
          reference_signal_test)
export TRUST_OPERATIONS=${TRUST_OPERATIONS:-300000}
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=die_after_fork=0:allocator_may_return_null=1
# Sanitizers report what a guard page stops in words of their own; ThreadSanitizer cannot start threads in
# the child of a process that had several.
beyond_sanitizers='*a_guard_page_stops*:*child_of_a_multi_threaded_parent*:*child_of_a_fork*'

# Builds and runs all programs under one set of sanitizers.
check() {
  local folder=$build/${1//,/-} program found=0
  cmake -S "$here/.." -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$folder" \
    -DCMAKE_CXX_FLAGS="-fsanitize=$1 -fno-sanitize-recover=all -fno-omit-frame-pointer" >/dev/null || return 1
  ninja -C "$folder" "${programs[@]}" >"$folder/build.log" || { tail -30 "$folder/build.log"; return 1; }
  for program in "${programs[@]}"; do
    if "$folder/$program" --gtest_brief=1 --gtest_filter="-$beyond_sanitizers" >"$folder/$program.log" 2>&1; then
      echo "$1 $program: $(grep -F '[  PASSED  ]' "$folder/$program.log")"
    else
      echo "$1 $program: FAILED, see $folder/$program.log"
      found=1
    fi
  done
  return $found
}

[ $# -gt 0 ] || set -- address,undefined thread
status=0
for sanitizers in "$@"; do check "$sanitizers" || status=1; done
exit $status
