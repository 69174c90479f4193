// Blocks: distinct, intact, large enough, zero where promised.
#include <malloc.h>

#include <cerrno>
#include <cstdlib>

#include "allocators/conformance/check.h"
#include "harness/contract/rng.h"

namespace conformance {
namespace {

constexpr std::size_t kKiB = 1 << 10, kMiB = 1 << 20;

// Sizes as programs ask for them: mostly small, now and then large.
std::size_t random_bytes(lab::Rng& rng) {
  const unsigned shift = static_cast<unsigned>(rng.below(rng.below(16) == 0 ? 20 : 11));
  return 1 + rng.below(std::uint64_t{2} << shift);
}

void live_blocks_never_overlap() {
  constexpr std::size_t kSlots = 4000, kSteps = 200000;
  static void* blocks[kSlots];
  static std::size_t bytes[kSlots];
  lab::Rng rng(1);
  for (std::size_t step = 0; step < kSteps; ++step) {
    const std::size_t slot = rng.below(kSlots);
    if (blocks[slot] != nullptr) checked_free(blocks[slot], bytes[slot]);
    bytes[slot] = random_bytes(rng);
    blocks[slot] = filled_malloc(bytes[slot]);
  }
  for (std::size_t slot = 0; slot < kSlots; ++slot)
    if (blocks[slot] != nullptr) checked_free(blocks[slot], bytes[slot]);
}
LAB_REGISTER_CHECK(live_blocks_never_overlap);

void every_small_size_can_be_filled_and_freed() {
  constexpr std::size_t kSizes = 20000;
  static void* blocks[kSizes];
  for (std::size_t bytes = 0; bytes < kSizes; ++bytes) blocks[bytes] = filled_malloc(bytes);
  for (std::size_t bytes = 0; bytes < kSizes; ++bytes) checked_free(blocks[bytes], bytes);
}
LAB_REGISTER_CHECK(every_small_size_can_be_filled_and_freed);

void sizes_about_every_power_of_two_can_be_filled_and_freed() {
  for (std::size_t power = 16; power <= 64 * kMiB; power *= 2)
    for (std::size_t bytes = power - 1; bytes <= power + 1; ++bytes) {
      void* block = filled_malloc(bytes);
      checked_free(block, bytes);
    }
}
LAB_REGISTER_CHECK(sizes_about_every_power_of_two_can_be_filled_and_freed);

void the_usable_size_covers_the_request_and_may_be_written() {
  constexpr std::size_t kCount = 2000;
  static void* blocks[kCount];
  lab::Rng rng(2);
  for (void*& block : blocks) {
    const std::size_t bytes = random_bytes(rng);
    block = std::malloc(bytes);
    const std::size_t usable = malloc_usable_size(block);
    require(usable >= bytes, "usable size %zu of a block of %zu bytes", usable, bytes);
    fill(block, usable);
  }
  for (void* block : blocks) checked_free(block, malloc_usable_size(block));
}
LAB_REGISTER_CHECK(the_usable_size_covers_the_request_and_may_be_written);

void the_usable_size_of_null_is_zero() {
  require(malloc_usable_size(opaque<void*>(nullptr)) == 0, "malloc_usable_size(NULL) is not 0");
}
LAB_REGISTER_CHECK(the_usable_size_of_null_is_zero);

void calloc_zeroes_recycled_memory() {
  constexpr std::size_t kSizes[] = {1, 16, 100, 1000, 5000, 40 * kKiB, 200 * kKiB, 3 * kMiB};
  constexpr std::size_t kCount = 16;
  for (const std::size_t bytes : kSizes)
    for (int round = 0; round < 3; ++round) {
      void* blocks[kCount];
      for (void*& block : blocks) block = filled_malloc(bytes);
      for (void* block : blocks) std::free(block);
      for (void*& block : blocks) {
        block = std::calloc(1, bytes);
        require(block != nullptr && is_zero(block, bytes), "calloc(1, %zu) is not zero", bytes);
        fill(block, bytes);
      }
      for (void* block : blocks) checked_free(block, bytes);
    }
}
LAB_REGISTER_CHECK(calloc_zeroes_recycled_memory);

void calloc_multiplies_its_arguments() {
  void* block = std::calloc(1000, 1000);
  require(block != nullptr && malloc_usable_size(block) >= 1000 * 1000, "calloc(1000, 1000)");
  require(is_zero(block, 1000 * 1000), "calloc(1000, 1000) is not zero");
  std::free(block);
}
LAB_REGISTER_CHECK(calloc_multiplies_its_arguments);

void free_of_null_does_nothing() { std::free(opaque<void*>(nullptr)); }
LAB_REGISTER_CHECK(free_of_null_does_nothing);

void free_preserves_errno() {
  constexpr std::size_t kSizes[] = {1, 100, 5000, 100 * kKiB, kMiB, 64 * kMiB};
  for (const std::size_t bytes : kSizes) {
    void* block = filled_malloc(bytes);
    errno = 12345;
    std::free(block);
    require(errno == 12345, "free of %zu bytes set errno to %d", bytes, errno);
  }
}
LAB_REGISTER_CHECK(free_preserves_errno);

}  // namespace
}  // namespace conformance
