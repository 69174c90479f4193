#include "size_class.h"

#include <gtest/gtest.h>

#include <vector>

namespace reference {
namespace {

TEST(SizeClass, every_request_gets_the_smallest_class_that_holds_it) {
  for (std::size_t bytes = 0; bytes <= kMaxSlabBlockBytes; ++bytes) {
    const unsigned index = class_of(bytes);
    ASSERT_LT(index, kClasses) << bytes;
    ASSERT_GE(kClassBytes[index], bytes);
    if (index > 0) {
      ASSERT_LT(kClassBytes[index - 1], bytes);
    }
  }
}

TEST(SizeClass, classes_lie_16_bytes_then_an_eighth_then_a_quarter_of_a_doubling_apart) {
  const auto begin = std::begin(kClassBytes);
  const auto expect = [&](unsigned first, std::vector<std::uint32_t> bytes) {
    EXPECT_EQ(std::vector(begin + first, begin + first + bytes.size()), bytes) << first;
  };
  expect(0, {16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320});
  expect(54, {7168 + 512, 8192, 10240, 12288, 14336, 16384, 20480, 24576, 28672, 32768, 40960,
              49152, 57344, 65536});
}

TEST(SizeClass, the_largest_class_is_the_largest_slab_block) {
  EXPECT_EQ(kClassBytes[kClasses - 1], kMaxSlabBlockBytes);
}

TEST(SizeClass, waste_is_at_most_an_eighth_up_to_8_kib_and_a_fifth_above) {
  for (std::size_t bytes = 129; bytes <= kMaxSlabBlockBytes; ++bytes) {
    const std::size_t waste = kClassBytes[class_of(bytes)] - bytes;
    ASSERT_LT(waste * (bytes <= 8192 ? 8 : 4), bytes) << bytes;
  }
}

TEST(SizeClass, every_class_is_a_multiple_of_16_bytes) {
  for (const std::size_t bytes : kClassBytes) EXPECT_EQ(bytes % 16, 0u);
}

TEST(SizeClass, aligned_requests_get_blocks_that_are_multiples_of_the_alignment) {
  for (std::size_t alignment = 1; alignment <= kMaxSlabBlockBytes; alignment *= 2) {
    for (std::size_t bytes = 0; bytes <= kMaxSlabBlockBytes; bytes = bytes * 5 / 4 + 1) {
      const unsigned index = class_of_aligned(bytes, alignment);
      ASSERT_LT(index, kClasses) << bytes << " aligned to " << alignment;
      ASSERT_EQ(kClassBytes[index] % alignment, 0u);
      ASSERT_GE(kClassBytes[index], bytes);
    }
  }
  EXPECT_EQ(class_of_aligned(1, 2 * kMaxSlabBlockBytes), kClasses);
}

TEST(SizeClass, every_slab_holds_at_least_eight_blocks) {
  for (unsigned index = 0; index < kClasses; ++index) {
    EXPECT_GE(slab_units(index) * kUnitBytes / kClassBytes[index], 8u);
  }
}

}  // namespace
}  // namespace reference
