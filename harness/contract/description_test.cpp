// A description is one constant: its lists are held by value, its views said in one sentence each.
#include <gtest/gtest.h>

#include "harness/contract/experiment.h"

namespace lab {
namespace {

constexpr View kSaid = view("title", "rss_anon_bytes", In("touch"), Over("block_bytes"),
                            Series("advice"), Panels("history"), Where("touch=write"), kSinceStart);

TEST(View, says_each_field_by_its_name) {
  EXPECT_EQ(kSaid.title, "title");
  EXPECT_EQ(kSaid.metric, "rss_anon_bytes");
  EXPECT_EQ(kSaid.phase, "touch");
  EXPECT_EQ(kSaid.x, "block_bytes");
  EXPECT_EQ(kSaid.series, "advice");
  EXPECT_EQ(kSaid.facet, "history");
  EXPECT_EQ(kSaid.where, "touch=write");
  EXPECT_TRUE(kSaid.since_start);
}

TEST(View, shows_every_phase_and_a_series_for_each_allocator_unless_told) {
  constexpr View plain = view("title", "vsz_bytes");
  EXPECT_EQ(plain.x, "phase");
  EXPECT_EQ(plain.series, "allocator");
  EXPECT_EQ(plain.phase, "");
  EXPECT_FALSE(plain.since_start);
}

TEST(Few, holds_what_it_was_given_in_order) {
  constexpr Few<int, 4> few = {3, 1, 2};
  const std::span<const int> seen = few;
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0], 3);
  EXPECT_EQ(seen[2], 2);
  EXPECT_EQ(few.end() - few.begin(), 3);
}

TEST(Few, takes_an_array_and_is_empty_by_default) {
  constexpr int kArray[] = {7, 8};
  constexpr Few<int, 2> full = kArray;
  constexpr Few<int, 2> none;
  EXPECT_EQ(full[1], 8);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace lab
