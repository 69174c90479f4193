#include "experiments/workload/burst.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

constexpr Setting kAll[] = {{"burst_bytes", "1MiB"}, {"freed_percent", "100"}};
constexpr Setting kMost[] = {{"burst_bytes", "1MiB"}, {"block_bytes", "16KiB"}};

TEST(Burst, nothing_survives_where_all_is_freed) {
  EXPECT_EQ(burst_blocks(Point(kAll), 0), 1024);
  EXPECT_EQ(freed_blocks(Point(kAll), 0), 1024);
  EXPECT_EQ(survivor_pages_bytes(Point(kAll), 4096), 0);
}

TEST(Burst, else_each_twentieth_block_and_its_pages) {
  EXPECT_EQ(surviving_blocks(Point(kMost), 0), 4);  // 0, 20, 40, 60 of 64
  EXPECT_EQ(freed_blocks(Point(kMost), 0), 60);
  EXPECT_EQ(survivor_pages_bytes(Point(kMost), 4096), 4 * 16384);
}

TEST(Burst, drops_what_the_numbers_say) {
  FakeContext lab;
  LiveSet live(lab, 64);
  fill(live, 100);
  drop_between_survivors(live);
  live.report(lab);
  EXPECT_EQ(lab.live_blocks, 4);
  EXPECT_TRUE(live.holds(0) && live.holds(20) && live.holds(40) && live.holds(60));
  live.drop_all();
}

}  // namespace
}  // namespace lab
