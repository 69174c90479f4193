#!/bin/bash
# Runs the tests of the layers and of trust/ under sanitizers: AddressSanitizer with UBSan, then
# ThreadSanitizer. (The tests of the C names cannot be: a sanitizer is an allocator itself.)
#   sanitize.sh [address,undefined | thread]…    default: both
# BUILD names the folder to build in (default /tmp/alloclab-sanitize), TRUST_OPERATIONS the length of
# random runs (default 300000). Exit: 0 clean, 1 a finding.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-/tmp/alloclab-sanitize}
# Each line: a program and the settings it runs with. What a guard page stops, sanitizers report in words of
# their own, unless they leave the signal alone.
guard='*a_guard_page_stops*'
runs="reference_test GTEST_FILTER=-$guard
reference_test GTEST_FILTER=$guard ASAN_OPTIONS=handle_segv=0 TSAN_OPTIONS=handle_segv=0
reference_model_test
reference_model_test ALLOCLAB_CHECK=1
reference_model_test ALLOCLAB_CHECK=2
reference_inject_test
reference_corpus_test
reference_corpus_test ALLOCLAB_CHECK=1
reference_signal_test
reference_signal_test ALLOCLAB_CHECK=1"
export TRUST_OPERATIONS=${TRUST_OPERATIONS:-300000}
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=die_after_fork=0:allocator_may_return_null=1

# Builds all programs under one set of sanitizers.
build_in() {
  mkdir -p "$1" || return 1
  { cmake -S "$here/.." -B "$1" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$1" \
      -DCMAKE_CXX_FLAGS="-fsanitize=$2 -fno-sanitize-recover=all -fno-omit-frame-pointer" &&
    ninja -C "$1" $(cut -d' ' -f1 <<<"$runs" | sort -u); } >"$1/build.log" 2>&1 || { tail -30 "$1/build.log"; return 1; }
}

# Runs everything under one set of sanitizers.
check() {
  local folder=$build/${1//,/-} program settings log found=0
  build_in "$folder" "$1" || return 1
  while read -r program settings; do
    log=$folder/$program${settings:+ $settings}.log
    if env $settings "$folder/$program" --gtest_brief=1 >"$log" 2>&1 </dev/null; then
      echo "$1 $program $settings: $(grep -F '[  PASSED  ]' "$log")"
    else
      echo "$1 $program $settings: FAILED, see $log"
      found=1
    fi
  done <<<"$runs"
  return $found
}

[ $# -gt 0 ] || set -- address,undefined thread
status=0
for sanitizers in "$@"; do check "$sanitizers" || status=1; done
exit $status
