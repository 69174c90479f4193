#include "extents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "bits.h"
#include "fake_os.h"
#include "knobs.h"
#include "pages.h"
#include "segment.h"

namespace reference {
namespace {

class Extents : public testing::Test {
 protected:
  void SetUp() override { extents::release_all(); }
  void TearDown() override {
    knobs = saved_;
    fake_os.recover();
    extents::release_all();
    EXPECT_EQ(extents::kept_bytes(), 0u);
  }

  static char* take(std::size_t segments) {
    bool zero;
    return static_cast<char*>(extents::take(segments * kSegmentBytes, zero));
  }
  static void give(void* start, std::size_t segments) {
    extents::give(start, segments * kSegmentBytes);
  }

  Knobs saved_ = knobs;
};

TEST_F(Extents, a_fresh_extent_is_aligned_and_zero) {
  bool zero = false;
  auto* start = static_cast<char*>(extents::take(kSegmentBytes, zero));
  EXPECT_TRUE(zero);
  EXPECT_EQ(address_of(start) % kSegmentBytes, 0u);
  EXPECT_EQ(start[kSegmentBytes - 1], 0);
  give(start, 1);
}

TEST_F(Extents, a_given_extent_serves_the_next_request) {
  char* first = take(2);
  give(first, 2);
  bool zero = true;
  EXPECT_EQ(extents::take(2 * kSegmentBytes, zero), first);
  EXPECT_FALSE(zero);
  give(first, 2);
}

TEST_F(Extents, the_rest_of_a_larger_extent_stays_kept) {
  char* whole = take(4);
  give(whole, 4);
  EXPECT_EQ(take(1), whole);
  EXPECT_EQ(extents::kept_bytes(), 3 * kSegmentBytes);
  EXPECT_EQ(take(3), whole + kSegmentBytes);
  give(whole, 1);
  give(whole + kSegmentBytes, 3);
}

TEST_F(Extents, neighbours_merge_in_any_order_of_giving) {
  for (int order = 0; order < 3; ++order) {
    char* whole = take(3);
    for (int i = 0; i < 3; ++i)
      give(whole + static_cast<std::size_t>((order + 2 * i) % 3) * kSegmentBytes, 1);
    EXPECT_EQ(take(3), whole);
    give(whole, 3);
    extents::release_all();
  }
}

TEST_F(Extents, a_neighbour_can_be_taken_exactly) {
  char* whole = take(4);
  give(whole + kSegmentBytes, 3);
  EXPECT_FALSE(extents::take_at(whole + 2 * kSegmentBytes, kSegmentBytes)) << "not its start";
  EXPECT_FALSE(extents::take_at(whole + kSegmentBytes, 4 * kSegmentBytes)) << "too large";
  EXPECT_TRUE(extents::take_at(whole + kSegmentBytes, 2 * kSegmentBytes));
  give(whole, 3);
}

TEST_F(Extents, old_extents_past_the_trim_threshold_are_released) {
  knobs.trim_threshold_bytes = 0;
  knobs.purge_delay = 100;
  give(take(2), 2);
  EXPECT_EQ(extents::kept_bytes(), 2 * kSegmentBytes);
  fake_os.clock_ms += 100;
  give(take(3), 3);
  EXPECT_EQ(extents::kept_bytes(), 3 * kSegmentBytes);
}

TEST_F(Extents, nothing_is_kept_when_the_delay_is_zero) {
  knobs.purge_delay = 0;
  const std::size_t before = fake_os.mapped_bytes;
  give(take(1), 1);
  EXPECT_EQ(fake_os.mapped_bytes, before);
}

TEST_F(Extents, a_miss_releases_as_much_as_it_maps) {
  give(take(7), 7);
  char* large = take(8);
  EXPECT_LE(extents::kept_bytes(), 4 * kSegmentBytes) << "half of what is in use may stay";
  give(large, 8);
}

TEST_F(Extents, an_os_without_memory_is_served_from_what_is_kept) {
  char* kept = take(3);
  give(kept, 3);
  fake_os.fail_at(1, true);
  EXPECT_EQ(take(2), kept);
  EXPECT_EQ(take(8), nullptr);
  fake_os.recover();
  give(kept, 2);
}

TEST_F(Extents, what_the_os_will_not_unmap_stays_kept) {
  char* extent = take(1);
  fake_os.fail_at(1, true);
  give(extent, 1);
  extents::release_all();
  EXPECT_EQ(extents::kept_bytes(), kSegmentBytes);
  fake_os.recover();
}

TEST_F(Extents, what_the_os_will_not_unmap_is_kept_without_content) {
  char* extent = take(1);
  *extent = 1;
  knobs.trim_threshold_bytes = 1 << 30;  // else it is tried again at once
  knobs.purge_delay = 0;
  fake_os.fail_at(1, false);
  give(extent, 1);
  EXPECT_EQ(*extent, 0);
  fake_os.recover();
}

TEST_F(Extents, past_the_cap_the_oldest_gives_its_end) {
  const std::size_t parts[] = {0, 9, 18, 27};  // eight segments each: together what may be kept
  char* whole = take(37);
  for (std::size_t part : parts) give(whole + part * kSegmentBytes, 8);
  EXPECT_EQ(extents::kept_bytes(), 32 * kSegmentBytes);
  give(whole + 36 * kSegmentBytes, 1);
  EXPECT_EQ(extents::kept_bytes(), 32 * kSegmentBytes);
  EXPECT_FALSE(extents::take_at(whole, 8 * kSegmentBytes));
  EXPECT_TRUE(extents::take_at(whole, 7 * kSegmentBytes));
  EXPECT_TRUE(extents::take_at(whole + 9 * kSegmentBytes, 8 * kSegmentBytes));
  give(whole, 7);
  give(whole + 8 * kSegmentBytes, 10);
  give(whole + 26 * kSegmentBytes, 1);
  give(whole + 35 * kSegmentBytes, 1);
}

// Extents of one segment each, in the order of their addresses; none will go because of its age.
std::vector<char*> take_sorted(std::size_t count) {
  knobs.trim_threshold_bytes = std::size_t{1} << 40;
  std::vector<char*> taken;
  bool zero;
  for (std::size_t i = 0; i < count; ++i)
    taken.push_back(static_cast<char*>(extents::take(kSegmentBytes, zero)));
  std::sort(taken.begin(), taken.end());
  return taken;
}

TEST_F(Extents, more_extents_than_are_remembered_push_out_the_oldest) {
  constexpr std::size_t kCount = 300;
  const std::vector<char*> taken = take_sorted(2 * kCount);
  for (std::size_t i = 0; i < 2 * kCount; i += 2) give(taken[i], 1);
  EXPECT_LT(extents::kept_bytes(), kCount * kSegmentBytes);
  EXPECT_GE(extents::kept_bytes(), kCount / 2 * kSegmentBytes);
  EXPECT_FALSE(extents::take_at(taken.front(), kSegmentBytes));
  EXPECT_TRUE(extents::take_at(taken[2 * kCount - 2], kSegmentBytes));
  give(taken[2 * kCount - 2], 1);
  for (std::size_t i = 1; i < 2 * kCount; i += 2) give(taken[i], 1);
}

TEST_F(Extents, what_is_neither_unmapped_nor_remembered_is_stranded) {
  constexpr std::size_t kCount = 300;
  const std::vector<char*> taken = take_sorted(2 * kCount);
  const std::size_t before = pages::stranded_bytes();
  fake_os.fail_at(1, true);
  for (std::size_t i = 0; i < 2 * kCount; i += 2) give(taken[i], 1);
  fake_os.recover();
  EXPECT_GT(pages::stranded_bytes(), before);
  EXPECT_EQ(extents::kept_bytes() + pages::stranded_bytes() - before, kCount * kSegmentBytes);
  for (std::size_t i = 1; i < 2 * kCount; i += 2) give(taken[i], 1);
}

}  // namespace
}  // namespace reference
