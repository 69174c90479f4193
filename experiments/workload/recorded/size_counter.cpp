// A preload library that counts the sizes a program asks malloc, calloc and realloc for, and
// appends them to the file named by SIZE_COUNTER at exit, one "bytes count" a line. Sizes above 256
// are rounded up to an eighth of a power of two. Used by record.sh only; never part of a measured
// run.
#include <dlfcn.h>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

extern "C" void* __libc_malloc(std::size_t);
extern "C" void* __libc_calloc(std::size_t, std::size_t);
extern "C" void* __libc_realloc(void*, std::size_t);

namespace {

constexpr std::size_t kExact = 256;
constexpr std::size_t kRows = kExact + 1 + 64 * 8;
std::atomic<unsigned long> counts[kRows];

std::size_t row_of(std::size_t bytes) {
  if (bytes <= kExact) return bytes;
  const std::size_t octave = std::bit_width(bytes - 1) - 1;
  return kExact + 1 + octave * 8 + (((bytes - 1) >> (octave - 3)) & 7);
}

std::size_t bytes_of(std::size_t row) {
  if (row <= kExact) return row;
  const std::size_t octave = (row - kExact - 1) / 8;
  return (9 + (row - kExact - 1) % 8) << (octave - 3);
}

void count(std::size_t bytes) { counts[row_of(bytes)].fetch_add(1, std::memory_order_relaxed); }

struct Report {
  ~Report() {
    const char* path = std::getenv("SIZE_COUNTER");
    std::FILE* file = path ? std::fopen(path, "a") : nullptr;
    if (!file) return;
    for (std::size_t row = 0; row < kRows; ++row)
      if (const unsigned long n = counts[row]) std::fprintf(file, "%zu %lu\n", bytes_of(row), n);
    std::fclose(file);
  }
} report;

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) { return count(bytes), __libc_malloc(bytes); }
void* calloc(std::size_t n, std::size_t bytes) { return count(n * bytes), __libc_calloc(n, bytes); }
void* realloc(void* block, std::size_t bytes) { return count(bytes), __libc_realloc(block, bytes); }
}
