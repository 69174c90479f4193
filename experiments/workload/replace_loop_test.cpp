#include "experiments/workload/replace_loop.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(ReplaceLoop, keeps_at_most_one_block_a_slot) {
  FakeContext lab;
  lab.params["workload"] = "allocate";
  const BlockSource source(lab, 8, ReplaceLoop::kLargestBytes);
  ReplaceLoop loop(lab, 8);
  Workers workers(lab, 1);
  loop.run(workers[0], source, 0, 8, 1000);
  workers.report(lab, source);
  EXPECT_EQ(lab.allocations, 1000);
  EXPECT_EQ(lab.live_blocks, 8);
  EXPECT_EQ(lab.frees, 992);
}

TEST(ReplaceLoop, the_control_asks_for_nothing) {
  FakeContext lab;
  lab.params["workload"] = "control";
  const BlockSource source(lab, 8, ReplaceLoop::kLargestBytes);
  ReplaceLoop loop(lab, 8);
  Workers workers(lab, 1);
  loop.run(workers[0], source, 0, 8, 1000);
  workers.report(lab, source);
  workers.report(lab, BlockSource(nullptr, 0));
  EXPECT_EQ(lab.allocations, 0);
  EXPECT_EQ(lab.live_blocks, 0);
}

TEST(Workers, keep_the_live_bytes_from_report_to_report) {
  FakeContext lab;
  lab.params["workload"] = "allocate";
  const BlockSource source(lab, 1, 1);
  Workers workers(lab, 2);
  workers[0].log.note_allocation(100);
  workers.report(lab, source);
  workers[1].log.note_free(40);
  workers.report(lab, source);
  EXPECT_EQ(lab.live_bytes, 60);
}

TEST(Workers, draw_different_numbers) {
  FakeContext lab;
  Workers workers(lab, 2);
  EXPECT_NE(workers[0].rng.next(), workers[1].rng.next());
}

}  // namespace
}  // namespace lab
