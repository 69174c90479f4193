#include "experiments/workload/size_distribution.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

constexpr int kDraws = 20000;

TEST(SizeDistribution, a_seed_gives_the_same_sizes_every_time) {
  for (const char* name : {"uniform", "power_law", "git", "python", "sqlite"}) {
    const SizeDistribution sizes = SizeDistribution::named(name);
    Rng one(7), two(7);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(sizes.draw(one), sizes.draw(two)) << name;
  }
}

TEST(SizeDistribution, uniform_covers_its_range_with_the_mean_in_the_middle) {
  const SizeDistribution sizes = SizeDistribution::named("uniform");
  Rng rng(1);
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::size_t bytes = sizes.draw(rng);
    ASSERT_GE(bytes, 16u);
    ASSERT_LE(bytes, 1024u);
    sum += static_cast<double>(bytes);
  }
  EXPECT_NEAR(sum / kDraws, 520, 10);
}

TEST(SizeDistribution, power_law_halves_its_tail_when_the_size_doubles) {
  const SizeDistribution sizes = SizeDistribution::named("power_law");
  Rng rng(1);
  int above_32 = 0, above_64 = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::size_t bytes = sizes.draw(rng);
    ASSERT_GE(bytes, 16u);
    ASSERT_LE(bytes, 64u * 1024);
    above_32 += bytes >= 32;
    above_64 += bytes >= 64;
  }
  EXPECT_NEAR(above_32, kDraws / 2.0, kDraws * 0.02);
  EXPECT_NEAR(above_64, kDraws / 4.0, kDraws * 0.02);
}

TEST(SizeDistribution, recorded_tables_are_sorted_and_never_ask_for_nothing) {
  for (const char* name : {"git", "python", "sqlite"}) {
    const SizeDistribution sizes = SizeDistribution::named(name);
    Rng rng(3);
    for (int i = 0; i < kDraws; ++i) ASSERT_GT(sizes.draw(rng), 0u) << name;
  }
}

TEST(SizeDistribution, an_unknown_name_ends_the_run) {
  EXPECT_DEATH(SizeDistribution::named("gaussian"), "");
}

}  // namespace
}  // namespace lab
