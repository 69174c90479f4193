// The C interface: names, errno and the edge cases of POSIX and C23; all work is done in
// allocate.h.

#include <errno.h>
#include <stddef.h>

#include <algorithm>

#include "allocate.h"
#include "os.h"

using reference::allocate_aligned;
using reference::deallocate;
using reference::is_power_of_two;
using reference::kPageBytes;

namespace {

void* with_errno(int code) {
  errno = code;
  return nullptr;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void* malloc(size_t bytes) noexcept { return reference::allocate(bytes); }

void free(void* block) noexcept { deallocate(block); }

void* calloc(size_t count, size_t bytes) noexcept {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return with_errno(ENOMEM);
  return reference::allocate_zeroed(total);
}

// As in glibc, realloc(block, 0) frees the block and returns nullptr.
void* realloc(void* block, size_t bytes) noexcept {
  if (block == nullptr) return malloc(bytes);
  if (bytes != 0) return reference::reallocate(block, bytes);
  free(block);
  return nullptr;
}

void* reallocarray(void* block, size_t count, size_t bytes) noexcept {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return with_errno(ENOMEM);
  return realloc(block, total);
}

int posix_memalign(void** block, size_t alignment, size_t bytes) noexcept {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  const int saved = errno;
  void* aligned = allocate_aligned(alignment, bytes);
  errno = saved;
  if (aligned == nullptr) return ENOMEM;
  *block = aligned;
  return 0;
}

// C23: the alignment must be valid, the size need not be a multiple of it.
void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  return is_power_of_two(alignment) ? allocate_aligned(alignment, bytes) : with_errno(EINVAL);
}

// As in glibc, any alignment is rounded up to a power of two.
void* memalign(size_t alignment, size_t bytes) noexcept {
  if (alignment > PTRDIFF_MAX) return with_errno(EINVAL);
  return allocate_aligned(std::bit_ceil(alignment), bytes);
}

void* valloc(size_t bytes) noexcept { return allocate_aligned(kPageBytes, bytes); }

// Whole pages, at least one.
void* pvalloc(size_t bytes) noexcept {
  if (bytes > PTRDIFF_MAX) return with_errno(ENOMEM);
  return allocate_aligned(kPageBytes, reference::align_up(std::max(bytes, size_t{1}), kPageBytes));
}

size_t malloc_usable_size(void* block) noexcept {
  return block == nullptr ? 0 : reference::usable_bytes(block);
}

// The pad is ignored: everything free is given back.
int malloc_trim(size_t) noexcept { return reference::release_free_memory() ? 1 : 0; }

void free_sized(void* block, size_t) noexcept { deallocate(block); }

void free_aligned_sized(void* block, size_t, size_t) noexcept { deallocate(block); }

void cfree(void* block) noexcept { deallocate(block); }

}  // extern "C"
#pragma GCC visibility pop
