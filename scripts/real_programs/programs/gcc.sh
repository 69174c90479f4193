# needs: g++ gcc
# Object files of this project's sources are the same to the byte.
set -euo pipefail
export CCACHE_DISABLE=1
sources=("$ROOT"/allocators/reference/{span_heap,thread_cache}.cpp)
[ -n "$SHORT" ] || sources+=("$ROOT"/allocators/reference/{check,knobs,statistics,region}.cpp "$ROOT"/harness/sample/*.cpp)
for source in "${sources[@]}"; do
  [[ $source != *_test.cpp ]] || continue
  object=$(basename "$source" .cpp).o
  g++ -std=c++20 -O2 -g -frandom-seed=1 -fdebug-prefix-map="$PWD"=. -I"$ROOT" -I"$ROOT/allocators/reference" -c "$source" -o "$object"
  sha256sum "$object"
done
gcc -x c -O2 -c - -o c.o <<'C'
#include <stdlib.h>
int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
void sort(int *values, size_t count) { qsort(values, count, sizeof *values, compare); }
C
sha256sum c.o
