#include "experiments/workload/robson.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(RobsonAdversary, fills_up_to_the_live_bytes_and_never_beyond) {
  FakeContext lab;
  RobsonAdversary adversary(lab, 100);
  adversary.fill(56, 1000);
  adversary.report(lab);
  EXPECT_EQ(lab.live_blocks, 17);
  EXPECT_EQ(lab.live_bytes, 17 * 56);
  adversary.free_all();
  adversary.report(lab);
  EXPECT_EQ(lab.live_blocks, 0);
}

TEST(RobsonAdversary, keeps_all_blocks_when_any_hole_would_be_large_enough) {
  FakeContext lab;
  RobsonAdversary adversary(lab, 100);
  adversary.fill(56, 100 * 56);
  adversary.free_between_survivors(1);
  adversary.report(lab);
  EXPECT_GE(lab.live_blocks, 99);  // the first has no survivor before it
  adversary.free_all();
}

TEST(RobsonAdversary, frees_all_but_the_last_when_no_hole_is_large_enough) {
  FakeContext lab;
  RobsonAdversary adversary(lab, 100);
  adversary.fill(56, 100 * 56);
  adversary.free_between_survivors(std::size_t{1} << 60);
  adversary.report(lab);
  EXPECT_EQ(lab.live_blocks, 1);
  adversary.free_all();
}

}  // namespace
}  // namespace lab
