#!/bin/bash
# Gates the reference allocator of this tree against the one of another commit, in one session: counts of
# kernel work and memory, and user instructions, compared exactly. Needs a built lab (make build).
#   gate_reference.sh [BASE]    BASE: a commit; default: the merge base with origin/main, on main itself HEAD~1
# Environment: LAB (build/release/alloclab), OUT (results/gate), EXPERIMENTS ("churn realloc_growth").
# GATE_OPTIONS go to gate.py.
# Writes OUT/counts, OUT/instructions and OUT/summary.md. Exit: as gate.py; the worse of the two gates.
set -euo pipefail
cd "$(dirname "$0")/.."
lab=${LAB:-build/release/alloclab}
out=${OUT:-results/gate}
experiments=${EXPERIMENTS:-churn realloc_growth}
python=$(scripts/setup.sh --python)

nothing() { echo "gate: $1: nothing to compare" >&2; exit 0; }

merge_base() {
  local found
  found=$(git merge-base HEAD origin/main 2>/dev/null)
  if [ -n "$found" ] && [ "$found" != "$(git rev-parse HEAD)" ]; then echo "$found"; return; fi
  git rev-parse --quiet --verify HEAD~1
}

if [ -e "$out" ]; then echo "gate: $out exists; remove it, or name another with OUT=" >&2; exit 2; fi
base=${1:-$(merge_base)} || nothing "no earlier commit is in this clone"
git cat-file -e "$base:allocators/reference/CMakeLists.txt" 2>/dev/null || nothing "$base has no reference allocator"
if git diff --quiet "$base" -- allocators/reference; then
  nothing "the reference allocator is the one of ${base:0:12}"
fi

# A change that is meant to cost more says so in its commit: `Gate-accepts: METRIC`.
accepted=$(git log --format='%(trailers:key=Gate-accepts,valueonly,separator=%x20)' "$base..HEAD" | xargs)
[ -z "$accepted" ] || echo "gate: accepted by the commits since ${base:0:12}: $accepted"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source"
git archive "$base" allocators/reference | tar -x -C "$work/source"

# Both sides with the same compiler and flags, at paths of the same length.
build() { # SOURCE SIDE
  cmake -S "$1/allocators/reference" -B "$work/$2" -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Release >/dev/null
  cmake --build "$work/$2" --target alloclab_reference --parallel >/dev/null
}
build "$work/source" one
build . two
mkdir -p "$out"
arms=(--arm "base=reference=$work/one/liballoclab_reference.so"
      --arm "candidate=reference=$work/two/liballoclab_reference.so")

"$lab" run $experiments --profile smoke "${arms[@]}" --runs 3 --out "$out/counts" --quiet
parts=(counts)
if [[ " $accepted " != *" callgrind_instructions_count "* ]]; then
  "$python" scripts/instructions.py "${arms[@]}" --out "$out/instructions" --lab "$lab" >/dev/null
  parts+=(instructions)
fi

worst=0
for part in "${parts[@]}"; do
  code=0
  "$python" scripts/gate.py "$out/$part" --deterministic --lab "$lab" --markdown "$out/$part.md" \
    --markdown-bytes 30000 ${accepted:+--without="$accepted"} ${GATE_OPTIONS:-} ||
    code=$?
  if [ "$code" = 1 ] || { [ "$worst" != 1 ] && [ "$code" -gt "$worst" ]; }; then worst=$code; fi
done
cat "$out"/*.md >"$work/summary.md"
mv "$work/summary.md" "$out/summary.md"
exit "$worst"
