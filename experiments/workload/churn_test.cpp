#include "experiments/workload/churn.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

constexpr std::int64_t kTargetBytes = 1 << 20;

TEST(Churn, fills_up_to_the_target_and_stays_there) {
  FakeContext lab;
  Churn churn(lab, kTargetBytes);
  const SizeDistribution sizes = SizeDistribution::named("uniform");
  churn.fill(sizes);
  EXPECT_LE(churn.live().live_bytes(), kTargetBytes);
  EXPECT_GT(churn.live().live_bytes(), kTargetBytes - 1024);
  churn.turn_over(sizes, 4 * kTargetBytes);
  EXPECT_LE(churn.live().live_bytes(), kTargetBytes);
  EXPECT_GT(churn.live().live_bytes(), kTargetBytes - 2 * 1024);
  churn.drop_all();
}

TEST(Churn, turns_over_as_many_bytes_as_asked_for) {
  FakeContext lab;
  Churn churn(lab, kTargetBytes);
  const SizeDistribution sizes = SizeDistribution::named("uniform");
  churn.fill(sizes);
  churn.report(lab);
  lab.allocations = 0;
  churn.turn_over(sizes, 520 * 1000);  // mean size 520 bytes
  churn.report(lab);
  EXPECT_NEAR(static_cast<double>(lab.allocations), 1000, 60);
  churn.drop_all();
}

TEST(Churn, frees_everything_it_placed) {
  FakeContext lab;
  Churn churn(lab, kTargetBytes);
  const SizeDistribution sizes = SizeDistribution::named("power_law");
  churn.fill(sizes);
  churn.turn_over(sizes, kTargetBytes);
  churn.drop_all();
  churn.report(lab);
  EXPECT_EQ(lab.allocations, lab.frees);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(Churn, a_size_larger_than_the_target_is_cut) {
  FakeContext lab;
  Churn churn(lab, 64 * 1024);
  const SizeDistribution sizes = SizeDistribution::named("sqlite");  // up to 2 MiB
  churn.fill(sizes);
  churn.turn_over(sizes, 1 << 20);
  EXPECT_LE(churn.live().live_bytes(), 64 * 1024);
  churn.drop_all();
}

}  // namespace
}  // namespace lab
