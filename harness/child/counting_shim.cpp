// A preload library over glibc's malloc that counts calls and passes them on, under the names that
// glibc keeps for this purpose: dlsym would allocate before the shim is ready. reallocarray and
// operator new are left to their libraries, which come back through these functions.
#include "harness/child/counting_shim.h"

#include <bit>
#include <cerrno>
#include <cstddef>

extern "C" {
void* __libc_malloc(std::size_t bytes) noexcept;
void* __libc_calloc(std::size_t count, std::size_t bytes) noexcept;
void* __libc_realloc(void* block, std::size_t bytes) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t bytes) noexcept;
void* __libc_valloc(std::size_t bytes) noexcept;
void* __libc_pvalloc(std::size_t bytes) noexcept;
void __libc_free(void* block) noexcept;
}

#pragma GCC visibility push(default)
extern "C" {

constinit lab::AllocationCount alloclab_count{};

void* malloc(std::size_t bytes) noexcept {
  ++alloclab_count.allocations;
  return __libc_malloc(bytes);
}

void free(void* block) noexcept {
  if (block != nullptr) ++alloclab_count.frees;
  __libc_free(block);
}

void* calloc(std::size_t count, std::size_t bytes) noexcept {
  ++alloclab_count.allocations;
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) noexcept {
  if (block != nullptr) ++alloclab_count.frees;
  if (block == nullptr || bytes != 0) ++alloclab_count.allocations;
  return __libc_realloc(block, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  ++alloclab_count.allocations;
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return memalign(alignment, bytes);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
  void* block = memalign(alignment, bytes);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

void* valloc(std::size_t bytes) noexcept {
  ++alloclab_count.allocations;
  return __libc_valloc(bytes);
}

void* pvalloc(std::size_t bytes) noexcept {
  ++alloclab_count.allocations;
  return __libc_pvalloc(bytes);
}

}  // extern "C"
#pragma GCC visibility pop
