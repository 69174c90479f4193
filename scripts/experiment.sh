#!/bin/bash
# Measures, plots and prints the answer: what `make experiment` and `make experiments` do.
# Counts go to RESULT. Experiments that show times run once more without events, into RESULT-times,
# unless --measure says which of both is wanted.
#   experiment.sh [--image IMAGE] NAME|--all [option of `alloclab run`]…
# Exit: that of the measurement; 2 with the list of experiments when NAME is missing or unknown.
set -euo pipefail
cd "$(dirname "$0")/.."

lab=build/release/alloclab
python=$(scripts/setup.sh --python)
measure=("$lab" run)
if [ "${1:-}" = --image ]; then
  measure=("$python" scripts/container.py run --image "$2")
  shift 2
fi
wanted=${1:-}
shift || true

known=$("$lab" list experiments --json | "$python" -c '
import json, sys
print(*(row["name"] for row in json.load(sys.stdin)))')
[ "$wanted" = --all ] && wanted=$known

for name in ${wanted:-none}; do
  case " $known " in *" $name "*) continue ;; esac
  [ -z "$wanted" ] && echo "make experiment needs NAME=… . The experiments:" >&2
  [ -n "$wanted" ] && echo "There is no experiment called '$name'. The experiments:" >&2
  "$lab" list experiments >&2
  exit 2
done

options=()
out=
measured_as=
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --measure) measured_as=$2; options+=("$1" "$2"); shift ;;
    *) options+=("$1") ;;
  esac
  shift
done

code=0
"${measure[@]}" $wanted "${options[@]}" ${out:+--out "$out"} || code=$?
result=${out:-results/latest}
[ -f "$result/manifest.json" ] && [ "$code" -le 1 ] || exit "$code"

result=$(readlink -f "$result")
timed=
[ -n "$measured_as" ] || timed=$("$python" scripts/timed_experiments.py "$result")
if [ -n "$timed" ]; then
  echo "times of $timed:" >&2
  "${measure[@]}" $timed "${options[@]}" --measure time --out "$result-times" || code=$?
  [ -L results/latest ] && [ -z "$out" ] && ln -sfn "$(basename "$result")" results/latest
  [ "$code" -ne 130 ] || exit "$code"
fi
"$python" scripts/plot.py "$result"
"$python" scripts/table.py "$result"
echo "result: $result"
exit "$code"
