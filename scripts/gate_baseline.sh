#!/bin/bash
# Gates the counts of this build against those committed in results/baseline/counts: glibc shows that the
# instrument still counts alike, the reference allocator that no commit made it worse. Needs a built lab.
#   gate_baseline.sh            measure the same plan again and judge it
#   gate_baseline.sh --update   measure the baseline anew, for review and commit
# Counts repeat exactly only on the same libc, kernel, compiler and number of CPUs: anything else is an
# environment mismatch, named by its key.
# Environment: LAB (build/release/alloclab), OUT (results/gate-baseline), BASELINE (results/baseline/counts).
# Exit: as gate.py; 5 where this machine cannot be compared with the baseline's.
set -euo pipefail
cd "$(dirname "$0")/.."
lab=${LAB:-build/release/alloclab}
out=${OUT:-results/gate-baseline}
baseline=${BASELINE:-results/baseline/counts}
python=$(scripts/setup.sh --python)
# What a count may depend on beside the keys that each metric declares.
keys=(kernel_release compiler compiler_flags cpu_model event_mmap_calls_count)

measure() { # FOLDER
  "$lab" run empty_program churn realloc_growth calloc_touch hole_reuse heap_trim \
    --allocators glibc,reference --profile smoke --runs 3 --seed 1 --out "$1" --quiet >/dev/null
}

if [ "${1:-}" = --update ]; then
  rm -rf "$baseline"
  measure "$baseline"
  echo "gate: $baseline is new; review it with scripts/compare.py and commit it"
  exit
fi
if [ -e "$out" ]; then echo "gate: $out exists; remove it, or name another with OUT=" >&2; exit 2; fi
measure "$out"
exec "$python" scripts/gate.py --baseline "$baseline" --candidate "$out" --deterministic --lab "$lab" \
  "${keys[@]/#/--require=}"
