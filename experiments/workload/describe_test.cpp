#include "experiments/workload/describe.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

constexpr std::int64_t kPage = 4096;

std::int64_t at(std::int64_t (*ideal)(const Point&, std::int64_t), std::string_view value) {
  const Setting setting{"n", value};
  return ideal(Point({&setting, 1}), kPage);
}

TEST(Describe, bytes_need_whole_pages) {
  EXPECT_EQ(at(pages_spanned<"n">, "0"), 0);
  EXPECT_EQ(at(pages_spanned<"n">, "1"), 1);
  EXPECT_EQ(at(pages_spanned<"n">, "4KiB"), 1);
  EXPECT_EQ(at(pages_spanned<"n">, "4097"), 2);
  EXPECT_EQ(at(pages_spanned<"n", 4>, "4097"), 8);
  EXPECT_EQ(at(bytes_spanned<"n">, "4097"), 2 * kPage);
}

TEST(Describe, pages_have_their_bytes) {
  EXPECT_EQ(at(bytes_of_pages<"n">, "23"), 23 * kPage);
  EXPECT_EQ(at(param<"n", 3>, "23"), 69);
}

TEST(Describe, every_third_of_seven_is_three_and_no_spacing_is_none) {
  EXPECT_EQ(one_in(3, 7), 3);
  EXPECT_EQ(one_in(1, 7), 7);
  EXPECT_EQ(one_in(0, 7), 0);
}

TEST(Describe, needs_follow_from_a_parameter) {
  const Setting setting{"n", "64MiB"};
  const Point point({&setting, 1});
  EXPECT_EQ((memory_of<"n", 2>(point).memory_bytes), 128 << 20);
  EXPECT_EQ(limited_to<"n">(point).memory_limit_bytes, 64 << 20);
  EXPECT_EQ(limited_to<"n">(point).swap_limit_bytes, 0);
}

TEST(Describe, a_search_has_its_range_and_its_title) {
  constexpr Search search = bisect("edge", "Smallest n that calls mmap", "n",
                                   {.low = 1, .high = 64, .step = 2}, nullptr, "how=a");
  EXPECT_EQ(search.name, "edge");
  EXPECT_EQ(search.title, "Smallest n that calls mmap");
  EXPECT_EQ(search.param, "n");
  EXPECT_EQ(search.low, 1);
  EXPECT_EQ(search.high, 64);
  EXPECT_EQ(search.step, 2);
  EXPECT_EQ(search.where, "how=a");
}

}  // namespace
}  // namespace lab
