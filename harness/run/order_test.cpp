#include "harness/run/order.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace lab {
namespace {

Plan plan_of(std::size_t points, std::size_t arms) {
  Plan plan;
  plan.blocks = 60;
  for (std::size_t point = 0; point < points; ++point)
    for (std::size_t arm = 0; arm < arms; ++arm) {
      Case planned;
      planned.experiment = "e";
      planned.arm = std::string(1, static_cast<char>('a' + arm));
      planned.params = {{"p", std::to_string(point)}};
      plan.cases.push_back(planned);
    }
  return plan;
}

class LatinSquare : public ::testing::TestWithParam<std::size_t> {};

TEST_P(LatinSquare, each_arm_takes_each_place_and_follows_each_other_arm_equally_often) {
  const std::size_t arms = GetParam();
  const std::size_t rows = arms % 2 == 0 ? arms : 2 * arms;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> at_place, follows;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto order = latin_row(arms, row);
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), arms);
    for (std::size_t place = 0; place < arms; ++place) ++at_place[{place, order[place]}];
    for (std::size_t i = 1; i < arms; ++i) ++follows[{order[i - 1], order[i]}];
  }
  EXPECT_EQ(at_place.size(), arms * arms);
  for (const auto& [key, times] : at_place) EXPECT_EQ(times, rows / arms);
  EXPECT_EQ(follows.size(), arms * (arms - 1));
  for (const auto& [key, times] : follows) EXPECT_EQ(times, rows / arms);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LatinSquare, ::testing::Values(2, 3, 4, 5, 6, 7, 8, 9));

TEST(Order, two_arms_alternate_as_abba) {
  const auto plan = plan_of(1, 2);
  const auto first = order_of_block(plan, 1);
  const auto second = order_of_block(plan, 2);
  EXPECT_EQ(first[0], second[1]);
  EXPECT_EQ(first[1], second[0]);
}

TEST(Order, every_block_runs_every_case_once_with_the_arms_of_a_point_together) {
  const auto plan = plan_of(5, 3);
  for (int block = 1; block <= 10; ++block) {
    const auto order = order_of_block(plan, block);
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), plan.cases.size());
    for (std::size_t i = 0; i < order.size(); i += 3)
      for (std::size_t j = 1; j < 3; ++j)
        EXPECT_EQ(plan.cases[order[i]].point_key(), plan.cases[order[i + j]].point_key());
  }
}

TEST(Order, it_is_a_function_of_the_seed_and_differs_between_blocks) {
  auto plan = plan_of(8, 4);
  EXPECT_EQ(order_of_block(plan, 3), order_of_block(plan, 3));
  EXPECT_NE(order_of_block(plan, 3), order_of_block(plan, 4));
  const auto before = order_of_block(plan, 3);
  plan.seed = 2;
  EXPECT_NE(order_of_block(plan, 3), before);
}

TEST(Order, shards_are_disjoint_and_complete) {
  auto plan = plan_of(1, 2);
  plan.blocks = 11;
  std::multiset<int> all;
  for (int index = 1; index <= 3; ++index) {
    plan.shard = {index, 3};
    for (const int block : blocks_of_shard(plan)) all.insert(block);
  }
  std::multiset<int> wanted;
  for (int block = 1; block <= 11; ++block) wanted.insert(block);
  EXPECT_EQ(all, wanted);
}

}  // namespace
}  // namespace lab
