// realloc and reallocarray: the content stays, whatever moves.
#include <malloc.h>

#include <cerrno>
#include <cstdlib>

#include "allocators/conformance/check.h"
#include "harness/contract/rng.h"

namespace conformance {
namespace {

constexpr std::size_t kMiB = 1 << 20;

// Resizes a filled block and verifies what both sizes share.
void* resize(void* block, std::size_t from, std::size_t to) {
  const auto seed = reinterpret_cast<std::uintptr_t>(block);
  fill(block, from, seed);
  void* moved = std::realloc(block, to);
  require(moved != nullptr, "realloc from %zu to %zu bytes failed", from, to);
  require(is_filled(moved, from < to ? from : to, seed),
          "realloc from %zu to %zu bytes lost content", from, to);
  require(malloc_usable_size(moved) >= to, "realloc to %zu bytes gave too little", to);
  return moved;
}

void realloc_keeps_content_when_growing() {
  for (const std::size_t step : {std::size_t{1}, std::size_t{13}, std::size_t{997}}) {
    void* block = filled_malloc(1);
    std::size_t bytes = 1;
    for (int i = 0; i < 1000; ++i, bytes += step) block = resize(block, bytes, bytes + step);
    std::free(block);
  }
}
LAB_REGISTER_CHECK(realloc_keeps_content_when_growing);

void realloc_keeps_content_when_shrinking() {
  void* block = filled_malloc(3 * kMiB);
  for (std::size_t bytes = 3 * kMiB; bytes > 1; bytes -= bytes / 17 + 1)
    block = resize(block, bytes, bytes - bytes / 17 - 1 > 0 ? bytes - bytes / 17 - 1 : 1);
  std::free(block);
}
LAB_REGISTER_CHECK(realloc_keeps_content_when_shrinking);

void realloc_keeps_content_across_thresholds() {
  constexpr std::size_t kSizes[] = {100,       100000, 64 * kMiB, 20000,     200 * kMiB, 8,
                                    32 * kMiB, 140000, 120000,    32 * kMiB, 31 * kMiB,  1};
  void* block = filled_malloc(1);
  std::size_t bytes = 1;
  for (const std::size_t next : kSizes) {
    block = resize(block, bytes, next);
    bytes = next;
  }
  std::free(block);
}
LAB_REGISTER_CHECK(realloc_keeps_content_across_thresholds);

void realloc_among_many_blocks_disturbs_none() {
  constexpr std::size_t kCount = 500;
  static void* blocks[kCount];
  static std::size_t bytes[kCount];
  lab::Rng rng(3);
  for (std::size_t i = 0; i < kCount; ++i)
    blocks[i] = filled_malloc(bytes[i] = 1 + rng.below(5000));
  for (int step = 0; step < 50000; ++step) {
    const std::size_t i = rng.below(kCount);
    require(is_filled(blocks[i], bytes[i]), "a block of %zu bytes was overwritten", bytes[i]);
    const std::size_t next = 1 + rng.below(rng.below(50) == 0 ? 300000 : 5000);
    blocks[i] = resize(blocks[i], bytes[i], next);
    fill(blocks[i], bytes[i] = next);
  }
  for (std::size_t i = 0; i < kCount; ++i) checked_free(blocks[i], bytes[i]);
}
LAB_REGISTER_CHECK(realloc_among_many_blocks_disturbs_none);

void realloc_of_an_aligned_block_keeps_content() {
  for (std::size_t alignment = 32; alignment <= kMiB; alignment *= 2) {
    void* block = nullptr;
    require(posix_memalign(&block, alignment, 1000) == 0, "posix_memalign(%zu)", alignment);
    block = resize(block, 1000, 5000);
    block = resize(block, 5000, 500);
    std::free(block);
  }
}
LAB_REGISTER_CHECK(realloc_of_an_aligned_block_keeps_content);

void realloc_of_null_allocates() {
  void* block = std::realloc(opaque<void*>(nullptr), 100);
  require(block != nullptr, "realloc(NULL, 100) failed");
  fill(block, 100);
  checked_free(block, 100);
}
LAB_REGISTER_CHECK(realloc_of_null_allocates);

// The result is the implementation's choice; a block must be freed, NULL means it was.
void realloc_to_zero_gives_nothing_or_a_block_that_can_be_freed() {
  for (int i = 0; i < 10000; ++i)
    std::free(std::realloc(filled_malloc(100), opaque<std::size_t>(0)));
}
LAB_REGISTER_CHECK(realloc_to_zero_gives_nothing_or_a_block_that_can_be_freed);

void a_realloc_that_fails_leaves_the_block_alone() {
  for (const std::size_t bytes : {std::size_t{100}, kMiB}) {
    void* block = filled_malloc(bytes);
    void* moved = std::realloc(opaque(block), opaque<std::size_t>(PTRDIFF_MAX));
    require(moved == nullptr, "realloc to PTRDIFF_MAX bytes gave %p", moved);
    checked_free(block, bytes);
  }
}
LAB_REGISTER_CHECK(a_realloc_that_fails_leaves_the_block_alone);

void a_realloc_that_fails_sets_ENOMEM() {
  void* block = filled_malloc(100);
  errno = 0;
  opaque(std::realloc(opaque(block), opaque<std::size_t>(PTRDIFF_MAX)));
  require(errno == ENOMEM, "realloc failed with errno %d", errno);
}
LAB_REGISTER_CHECK(a_realloc_that_fails_sets_ENOMEM);

void a_reallocarray_that_overflows_leaves_the_block_alone() {
  void* block = filled_malloc(100);
  errno = 0;
  void* moved = reallocarray(opaque(block), opaque(SIZE_MAX / 2), 3);
  require(moved == nullptr && errno == ENOMEM, "reallocarray gave %p, errno %d", moved, errno);
  checked_free(block, 100);
}
LAB_REGISTER_CHECK(a_reallocarray_that_overflows_leaves_the_block_alone);

void reallocarray_multiplies_and_keeps_content() {
  void* block = filled_malloc(100);
  const auto seed = reinterpret_cast<std::uintptr_t>(block);
  void* moved = reallocarray(block, 1000, 30);
  require(moved != nullptr && malloc_usable_size(moved) >= 30000, "reallocarray(1000, 30)");
  require(is_filled(moved, 100, seed), "reallocarray lost content");
  std::free(moved);
}
LAB_REGISTER_CHECK(reallocarray_multiplies_and_keeps_content);

}  // namespace
}  // namespace conformance
