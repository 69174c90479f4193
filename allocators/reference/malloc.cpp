// The C interface: names, errno and the edge cases of POSIX and C23; all work is done in
// allocate.h.

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "allocate.h"
#include "os.h"

namespace {

void* with_errno(int code) {
  errno = code;
  return nullptr;
}

}  // namespace

#define REFERENCE_API extern "C" [[gnu::visibility("default")]]

REFERENCE_API void* malloc(size_t bytes) noexcept { return reference::allocate(bytes); }

REFERENCE_API void free(void* block) noexcept { reference::deallocate(block); }

REFERENCE_API void* calloc(size_t count, size_t bytes) noexcept {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return with_errno(ENOMEM);
  return reference::allocate_zeroed(total);
}

// As in glibc, realloc(block, 0) frees the block and returns nullptr.
REFERENCE_API void* realloc(void* block, size_t bytes) noexcept {
  if (block == nullptr) return malloc(bytes);
  if (bytes == 0) {
    free(block);
    return nullptr;
  }
  return reference::reallocate(block, bytes);
}

REFERENCE_API void* reallocarray(void* block, size_t count, size_t bytes) noexcept {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return with_errno(ENOMEM);
  return realloc(block, total);
}

REFERENCE_API int posix_memalign(void** block, size_t alignment, size_t bytes) noexcept {
  if (!reference::is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  const int saved = errno;
  void* aligned = reference::allocate_aligned(alignment, bytes);
  errno = saved;
  if (aligned == nullptr) return ENOMEM;
  *block = aligned;
  return 0;
}

// C23: the alignment must be valid, the size need not be a multiple of it.
REFERENCE_API void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  if (reference::is_power_of_two(alignment)) return reference::allocate_aligned(alignment, bytes);
  return with_errno(EINVAL);
}

// As in glibc, any alignment is rounded up to a power of two.
REFERENCE_API void* memalign(size_t alignment, size_t bytes) noexcept {
  if (alignment <= PTRDIFF_MAX) return reference::allocate_aligned(std::bit_ceil(alignment), bytes);
  return with_errno(EINVAL);
}

REFERENCE_API void* valloc(size_t bytes) noexcept {
  return reference::allocate_aligned(reference::kPageBytes, bytes);
}

REFERENCE_API void* pvalloc(size_t bytes) noexcept {
  if (bytes > PTRDIFF_MAX) return with_errno(ENOMEM);
  const size_t pages =
      bytes == 0 ? reference::kPageBytes : reference::align_up(bytes, reference::kPageBytes);
  return reference::allocate_aligned(reference::kPageBytes, pages);
}

REFERENCE_API size_t malloc_usable_size(void* block) noexcept {
  return block == nullptr ? 0 : reference::usable_bytes(block);
}

// The pad is ignored: everything free is given back.
REFERENCE_API int malloc_trim(size_t) noexcept { return reference::release_free_memory() ? 1 : 0; }

REFERENCE_API void free_sized(void* block, size_t) noexcept { reference::deallocate(block); }

REFERENCE_API void free_aligned_sized(void* block, size_t, size_t) noexcept {
  reference::deallocate(block);
}

REFERENCE_API void cfree(void* block) noexcept { reference::deallocate(block); }
