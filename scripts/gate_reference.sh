#!/bin/bash
# Gates the reference allocator of this tree against the one of another commit, in one session: counts of
# kernel work and memory, and user instructions, compared exactly. Needs a built lab (make build).
#   gate_reference.sh [BASE]    BASE: a commit; default: the merge base with origin/main, else HEAD~1
# Environment: LAB (build/release/alloclab), OUT (results/gate), EXPERIMENTS ("churn realloc_growth").
# Writes OUT/counts, OUT/instructions and OUT/summary.md. Exit: as gate.py; the worse of the two gates.
set -euo pipefail
cd "$(dirname "$0")/.."
lab=${LAB:-build/release/alloclab}
out=${OUT:-results/gate}
experiments=${EXPERIMENTS:-churn realloc_growth}
python=$(scripts/setup.sh --python)
base=${1:-$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1)}

if [ -e "$out" ]; then echo "gate: $out exists; remove it, or name another with OUT=" >&2; exit 2; fi
if ! git cat-file -e "$base:allocators/reference/CMakeLists.txt" 2>/dev/null; then
  echo "gate: $base has no reference allocator: nothing to compare with" >&2
  exit 0
fi

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
"$python" scripts/instructions.py "${arms[@]}" --out "$out/instructions" --lab "$lab" >/dev/null

worst=0
for part in counts instructions; do
  code=0
  "$python" scripts/gate.py "$out/$part" --deterministic --lab "$lab" --markdown "$out/$part.md" \
    --markdown-bytes 30000 ${GATE_OPTIONS:-} ||
    code=$?
  if [ "$code" = 1 ] || { [ "$worst" != 1 ] && [ "$code" -gt "$worst" ]; }; then worst=$code; fi
done
cat "$out/counts.md" "$out/instructions.md" >"$out/summary.md"
exit "$worst"
