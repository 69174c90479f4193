#include "experiments/workload/batches.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

constexpr auto kBlocks = static_cast<std::int64_t>(BatchMaker::kBlocks);

TEST(BatchQueue, gives_the_oldest_batch_first) {
  BatchBlock first{}, second{};
  BatchQueue queue;
  queue.push(&first);
  queue.push(&second);
  EXPECT_EQ(queue.pop(), &first);
  EXPECT_EQ(queue.pop(), &second);
  queue.push(&first);
  EXPECT_EQ(queue.pop(), &first);
}

// Two batches made, one freed, one more made, all freed; returns the context that was told.
FakeContext told_after_three_batches(const char* workload) {
  FakeContext lab;
  lab.params["workload"] = workload;
  const BlockSource source(lab, 3 * BatchMaker::kBlocks, BatchMaker::kBlockBytes);
  Workers workers(lab, 1);
  BatchMaker maker(workers[0], source, 0);
  BatchBlock* first = maker.make();
  BatchBlock* second = maker.make();
  maker.free(first);
  BatchBlock* third = maker.make();
  EXPECT_NE(second, third);
  maker.free(second);
  maker.free(third);
  workers.report(lab, source);
  return lab;
}

TEST(BatchMaker, asks_for_every_block_and_frees_them_all) {
  const FakeContext lab = told_after_three_batches("allocate");
  EXPECT_EQ(lab.allocations, 3 * kBlocks);
  EXPECT_EQ(lab.frees, 3 * kBlocks);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(BatchMaker, the_control_asks_for_nothing) {
  EXPECT_EQ(told_after_three_batches("control").allocations, 0);
}

}  // namespace
}  // namespace lab
