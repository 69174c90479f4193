// glibc's malloc, made worse on purpose: what the gate must find (test_gate_injected.py). Compiled once plain and once
// with one of -DSPIN=n, -DLEAK_BYTES=n, -DFAULTS=n, -DMMAP_EVERY=n. Never part of the product.
#include <sys/mman.h>

#include <cstddef>

#ifndef SPIN
#define SPIN 0
#endif
#ifndef LEAK_BYTES
#define LEAK_BYTES 0
#endif
#ifndef FAULTS
#define FAULTS 0
#endif
#ifndef MMAP_EVERY
#define MMAP_EVERY 0
#endif

extern "C" {
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
}

namespace {

constexpr std::size_t kPage = 4096;
constexpr int kOnceAt = 1000;  // mallocs: inside the first phase of every experiment in use
// Of the same size in every build, so that only what is done differs.
alignas(kPage) volatile char leaked[4 << 20];
alignas(kPage) volatile char only_read[1 << 20];  // faults without memory of their own: the zero page
int calls = 0;

void burden() {
  ++calls;
  for (volatile int i = 0; i < SPIN;) i = i + 1;
  if (MMAP_EVERY > 0 && calls % (MMAP_EVERY + 1) == MMAP_EVERY)
    munmap(mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), kPage);
  if (calls != kOnceAt) return;
  for (std::size_t at = 0; at < LEAK_BYTES; at += kPage) leaked[at] = 1;
  for (std::size_t page = 0; page < FAULTS; ++page) (void)only_read[page * kPage];
}

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) {
  burden();
  return __libc_malloc(bytes);
}
void free(void* block) { __libc_free(block); }
void* calloc(std::size_t count, std::size_t bytes) { return __libc_calloc(count, bytes); }
void* realloc(void* block, std::size_t bytes) { return __libc_realloc(block, bytes); }
}
