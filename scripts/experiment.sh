#!/bin/bash
# Measures, plots and prints the answer: what `make experiment` and `make experiments` do.
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

result=results/latest
previous=
for argument in "$@"; do
  [ "$previous" = --out ] && result=$argument
  previous=$argument
done

code=0
"${measure[@]}" $wanted "$@" || code=$?
if [ -f "$result/manifest.json" ] && [ "$code" -le 1 ]; then
  "$python" scripts/plot.py "$result"
  "$python" scripts/table.py "$result"
  echo "result: $(readlink -f "$result")"
fi
exit "$code"
