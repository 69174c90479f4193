// Alignment: of ordinary blocks, and of the four functions that take one.
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "allocators/conformance/check.h"

namespace conformance {
namespace {

constexpr std::size_t kLargestAlignment = std::size_t{4} << 20;

bool is_aligned(const void* block, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

// Allocates several blocks of every size in [first, last] and looks at their addresses.
void require_alignment(std::size_t first, std::size_t last, std::size_t step,
                       std::size_t alignment) {
  constexpr int kCount = 8;
  for (std::size_t bytes = first; bytes <= last; bytes += step) {
    void* blocks[kCount];
    for (void*& block : blocks) {
      block = filled_malloc(bytes);
      require(is_aligned(block, alignment), "malloc(%zu) gave %p, not aligned to %zu", bytes, block,
              alignment);
    }
    for (void* block : blocks) checked_free(block, bytes);
  }
}

void blocks_of_16_bytes_and_more_are_aligned_to_16() {
  require_alignment(16, 3000, 1, 16);
  require_alignment(3000, 1000000, 7919, 16);
}
LAB_REGISTER_CHECK(blocks_of_16_bytes_and_more_are_aligned_to_16);

void blocks_below_16_bytes_are_aligned_to_16() { require_alignment(1, 15, 1, 16); }
LAB_REGISTER_CHECK(blocks_below_16_bytes_are_aligned_to_16);

// C only asks for what an object of the size can need.
void blocks_are_aligned_for_any_object_that_fits() {
  require_alignment(1, 1, 1, 1);
  require_alignment(2, 3, 1, 2);
  require_alignment(4, 7, 1, 4);
  require_alignment(8, 15, 1, 8);
}
LAB_REGISTER_CHECK(blocks_are_aligned_for_any_object_that_fits);

template <class Allocate>
void try_alignments(std::size_t smallest, Allocate allocate) {
  constexpr std::size_t kSizes[] = {1, 8, 24, 100, 4096, 5000, 70000, 1 << 20};
  for (std::size_t alignment = smallest; alignment <= kLargestAlignment; alignment *= 2)
    for (const std::size_t size : kSizes) {
      const std::size_t bytes = (size + alignment - 1) / alignment * alignment;
      void* first = allocate(alignment, bytes);
      void* second = allocate(alignment, bytes);
      for (void* block : {first, second}) {
        require(block != nullptr, "no block of %zu bytes aligned to %zu", bytes, alignment);
        require(is_aligned(block, alignment), "%p is not aligned to %zu", block, alignment);
        require(malloc_usable_size(block) >= bytes, "%zu bytes aligned to %zu: usable %zu", bytes,
                alignment, malloc_usable_size(block));
        fill(block, bytes);
      }
      checked_free(first, bytes);
      checked_free(second, bytes);
    }
}

void posix_memalign_aligns() {
  try_alignments(sizeof(void*), [](std::size_t alignment, std::size_t bytes) {
    void* block = nullptr;
    const int error = posix_memalign(&block, alignment, bytes);
    require(error == 0, "posix_memalign(%zu, %zu): error %d", alignment, bytes, error);
    return block;
  });
}
LAB_REGISTER_CHECK(posix_memalign_aligns);

void aligned_alloc_aligns() { try_alignments(1, aligned_alloc); }
LAB_REGISTER_CHECK(aligned_alloc_aligns);

void memalign_aligns() { try_alignments(1, memalign); }
LAB_REGISTER_CHECK(memalign_aligns);

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

void valloc_aligns_to_pages() {
  for (const std::size_t bytes :
       {std::size_t{1}, page_bytes(), page_bytes() + 1, 10 * page_bytes()}) {
    void* block = valloc(bytes);
    require(block != nullptr && is_aligned(block, page_bytes()), "valloc(%zu) gave %p", bytes,
            block);
    fill(block, bytes);
    checked_free(block, bytes);
  }
}
LAB_REGISTER_CHECK(valloc_aligns_to_pages);

void pvalloc_gives_whole_pages() {
  for (const std::size_t bytes :
       {std::size_t{1}, page_bytes(), page_bytes() + 1, 10 * page_bytes()}) {
    void* block = pvalloc(bytes);
    require(block != nullptr && is_aligned(block, page_bytes()), "pvalloc(%zu) gave %p", bytes,
            block);
    const std::size_t whole = (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
    require(malloc_usable_size(block) >= whole, "pvalloc(%zu) gave %zu bytes", bytes,
            malloc_usable_size(block));
    fill(block, whole);
    checked_free(block, whole);
  }
}
LAB_REGISTER_CHECK(pvalloc_gives_whole_pages);

void posix_memalign_rejects_bad_alignments_and_leaves_the_pointer_alone() {
  for (const std::size_t alignment : {std::size_t{0}, std::size_t{1}, std::size_t{4},
                                      std::size_t{24}, std::size_t{100}, SIZE_MAX}) {
    void* const before = opaque(reinterpret_cast<void*>(0x1234));
    void* block = before;
    const int error = posix_memalign(&block, opaque(alignment), 64);
    require(error == EINVAL, "posix_memalign with alignment %zu returned %d", alignment, error);
    require(block == before, "posix_memalign with alignment %zu changed the pointer", alignment);
  }
}
LAB_REGISTER_CHECK(posix_memalign_rejects_bad_alignments_and_leaves_the_pointer_alone);

void aligned_alloc_rejects_an_alignment_that_is_no_power_of_two() {
  for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{24}}) {
    errno = 0;
    void* block = aligned_alloc(opaque(alignment), opaque<std::size_t>(96));
    require(block == nullptr && errno == EINVAL, "aligned_alloc(%zu, 96) gave %p, errno %d",
            alignment, block, errno);
  }
}
LAB_REGISTER_CHECK(aligned_alloc_rejects_an_alignment_that_is_no_power_of_two);

}  // namespace
}  // namespace conformance
