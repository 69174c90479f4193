#include "experiments/workload/live_set.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(LiveSet, counts_what_it_places_and_drops) {
  FakeContext lab;
  LiveSet live(lab, 4);
  live.place(0, 100);
  live.place(3, 50);
  EXPECT_EQ(live.live_bytes(), 150);
  live.replace(0, 10);
  EXPECT_EQ(live.live_bytes(), 60);
  live.drop_all();
  live.report(lab);
  EXPECT_EQ(lab.allocations, 3);
  EXPECT_EQ(lab.frees, 3);
  EXPECT_EQ(lab.live_blocks, 0);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(LiveSet, dropping_an_empty_slot_is_no_request) {
  FakeContext lab;
  LiveSet live(lab, 1);
  live.drop(0);
  live.report(lab);
  EXPECT_EQ(lab.frees, 0);
}

TEST(LiveSet, a_block_is_as_large_as_asked_for_and_touched) {
  FakeContext lab;
  LiveSet live(lab, 1);
  live.place(0, 3 * 4096);
  EXPECT_GE(malloc_usable_size(live.block(0)), std::size_t{3 * 4096});
  EXPECT_EQ(static_cast<char*>(live.block(0))[8192], 1);
  EXPECT_GE(live.block_bytes(), 3 * 4096);
  live.drop_all();
  EXPECT_FALSE(live.holds(0));
  EXPECT_EQ(live.block_bytes(), 0);
}

TEST(LiveSet, a_moved_block_leaves_its_slot_empty) {
  FakeContext lab;
  LiveSet live(lab, 2);
  live.place(1, 100);
  void* block = live.block(1);
  live.move(1, 0);
  EXPECT_EQ(live.block(0), block);
  EXPECT_FALSE(live.holds(1));
  live.drop_all();
  live.report(lab);
  EXPECT_EQ(lab.frees, 1);
}

}  // namespace
}  // namespace lab
