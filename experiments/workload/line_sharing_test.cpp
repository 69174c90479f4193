#include "experiments/workload/line_sharing.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

// Two threads with two blocks each, at places of the given size.
std::int64_t sharing_at(std::size_t place_bytes) {
  alignas(64) static char places[4 * 64];
  const BlockSource source(places, place_bytes);
  FakeContext lab;
  Workers workers(lab, 2);
  SharedLines lines(lab, 2, 2);
  for (int index : {0, 1}) lines.take(index, workers[index], source);
  return lines.sharing_blocks();
}

TEST(SharedLines, blocks_on_lines_of_their_own_share_nothing) { EXPECT_EQ(sharing_at(64), 0); }

TEST(SharedLines, blocks_on_one_line_all_share_it) { EXPECT_EQ(sharing_at(8), 4); }

TEST(SharedLines, blocks_of_one_thread_do_not_count_as_sharing) {
  EXPECT_EQ(sharing_at(32), 0);  // two blocks a line, both of one thread
}

TEST(SharedLines, every_block_is_written_as_often_as_asked) {
  alignas(64) static char places[64];
  const BlockSource source(places, 8);
  FakeContext lab;
  Workers workers(lab, 1);
  SharedLines lines(lab, 1, 2);
  lines.take(0, workers[0], source);
  lines.write(0, 5);
  EXPECT_EQ(*reinterpret_cast<std::uint64_t*>(places), 5u);
  EXPECT_EQ(*reinterpret_cast<std::uint64_t*>(places + 8), 5u);
}

}  // namespace
}  // namespace lab
