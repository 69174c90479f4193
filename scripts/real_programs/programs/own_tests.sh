# needs: bash
# This project's own unit tests, without those of glibc's reports on its own heap.
set -uo pipefail
names=(record_test claim_test)
[ -n "$SHORT" ] || names+=(claim_catalogue_test cli_test workload_test sample_test)
build=$ROOT/build/release
for name in "${names[@]}"; do
  [ -x "$build/$name" ] || { echo "$name is not built"; continue; }
  "$build/$name" --gtest_filter=-HeapReports.* 2>&1 | grep -E '^\[ +(OK|FAILED|PASSED|SKIPPED) +\]' | sed 's/ ([0-9]* ms.*//' | sort
done
