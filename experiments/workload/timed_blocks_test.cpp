#include "experiments/workload/timed_blocks.h"

#include <gtest/gtest.h>

#include <string>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(TimedBlocks, times_every_call_once) {
  FakeContext lab;
  Histogram mallocs{}, writes{}, frees{};
  TimedBlocks blocks(lab, 64, 2);
  for (const std::size_t slot : {0, 1, 0, 0}) blocks.renew(slot, {mallocs, writes, frees});
  blocks.report(lab, {mallocs, writes, frees});
  EXPECT_EQ(mallocs.count, 4u);
  EXPECT_EQ(writes.count, 4u);
  EXPECT_EQ(frees.count, 2u);
  EXPECT_EQ(lab.allocations, 4);
  EXPECT_EQ(lab.frees, 2);
  EXPECT_EQ(lab.live_blocks, 2);
}

TEST(TimedBlocks, reports_each_of_its_metrics_and_no_other) {
  FakeContext lab;
  Histogram times{};
  TimedBlocks blocks(lab, 64, 1);
  blocks.renew(0, {times, times, times});
  blocks.report(lab, {times, times, times});
  EXPECT_EQ(lab.observed.size(), std::size(kTimedMetrics));
  for (const Metric& metric : kTimedMetrics)
    EXPECT_TRUE(lab.observed.contains(metric.name)) << metric.name;
}

TEST(kTimedMetrics, are_told_by_time_runs_only) {
  for (const Metric& metric : kTimedMetrics)
    EXPECT_EQ(metric.blocking, BlockingKeys::times) << metric.name;
}

}  // namespace
}  // namespace lab
