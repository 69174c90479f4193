#include "buddy.h"

#include <gtest/gtest.h>

namespace reference {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

TEST(Buddy, a_full_word_is_one_block_of_the_largest_order) {
  EXPECT_EQ(Buddy(kAll).largest_order(), 6);
  EXPECT_EQ(Buddy(kAll & ~std::uint64_t{1}).largest_order(), 5);
  EXPECT_EQ(Buddy(0).largest_order(), -1);
}

TEST(Buddy, the_order_is_the_power_of_two_that_holds_the_units) {
  EXPECT_EQ(Buddy::order_of(1), 0u);
  EXPECT_EQ(Buddy::order_of(2), 1u);
  EXPECT_EQ(Buddy::order_of(3), 2u);
  EXPECT_EQ(Buddy::order_of(64), 6u);
}

TEST(Buddy, the_smallest_sufficient_block_is_split) {
  Buddy buddy(kAll & ~std::uint64_t{1});
  EXPECT_EQ(buddy.take(1), 1u) << "unit 1 is alone, all others are parts of larger blocks";
  EXPECT_EQ(buddy.take(1), 2u);
  EXPECT_EQ(buddy.take(4), 4u);
  EXPECT_EQ(buddy.take(1), 3u);
}

TEST(Buddy, a_larger_block_stays_whole_as_long_as_a_smaller_one_holds_the_units) {
  Buddy buddy(Buddy::mask(0, 8) | Buddy::mask(16, 4));
  EXPECT_EQ(buddy.take(1), 16u);
  EXPECT_EQ(buddy.take(2), 18u);
  EXPECT_EQ(buddy.take(4), 0u);
}

TEST(Buddy, the_tail_of_a_rounded_block_stays_free) {
  Buddy buddy(kAll);
  EXPECT_EQ(buddy.take(5), 0u);
  EXPECT_EQ(buddy.free_units(), kAll << 5);
}

TEST(Buddy, a_block_is_aligned_to_its_order) {
  Buddy buddy(kAll & ~std::uint64_t{1});
  EXPECT_EQ(buddy.take(3) % 4, 0u);
}

TEST(Buddy, unaligned_runs_do_not_serve_a_larger_order) {
  Buddy buddy(0b0110);
  EXPECT_EQ(buddy.take(2), Buddy::kNone);
  EXPECT_EQ(buddy.largest_order(), 0);
}

TEST(Buddy, buddies_merge_when_both_are_free) {
  Buddy buddy(0);
  buddy.give(2, 1);
  EXPECT_EQ(buddy.largest_order(), 0);
  buddy.give(3, 1);
  EXPECT_EQ(buddy.largest_order(), 1);
}

TEST(Buddy, a_run_is_found_at_any_alignment_among_the_wanted_units) {
  Buddy buddy(Buddy::mask(3, 5) | Buddy::mask(20, 7));
  EXPECT_EQ(buddy.find(5, kAll), 3u);
  EXPECT_EQ(buddy.find(6, kAll), 20u);
  EXPECT_EQ(buddy.find(7, kAll), 20u);
  EXPECT_EQ(buddy.find(8, kAll), Buddy::kNone);
  EXPECT_EQ(buddy.find(3, Buddy::mask(22, 10)), 22u);
  EXPECT_EQ(buddy.find(6, Buddy::mask(22, 10)), Buddy::kNone);
}

TEST(Buddy, exact_units_are_taken_only_when_all_are_free) {
  Buddy buddy(Buddy::mask(8, 4));
  EXPECT_FALSE(buddy.take_at(7, 2));
  EXPECT_TRUE(buddy.take_at(9, 3));
  EXPECT_EQ(buddy.free_units(), Buddy::mask(8, 1));
}

TEST(Buddy, every_size_can_be_taken_until_nothing_is_left_and_given_back) {
  for (unsigned units = 1; units <= 64; ++units) {
    Buddy buddy(kAll);
    std::uint64_t taken = 0;
    unsigned starts[64];
    unsigned count = 0;
    for (unsigned first; (first = buddy.take(units)) != Buddy::kNone;) {
      ASSERT_EQ(taken & Buddy::mask(first, units), 0u);
      taken |= Buddy::mask(first, units);
      starts[count++] = first;
    }
    EXPECT_EQ(taken ^ buddy.free_units(), kAll);
    for (unsigned i = 0; i < count; ++i) buddy.give(starts[i], units);
    EXPECT_EQ(buddy.free_units(), kAll);
  }
}

}  // namespace
}  // namespace reference
