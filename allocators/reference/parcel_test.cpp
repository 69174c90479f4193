#include "parcel.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "thread_cache.h"

namespace reference {
namespace {

// Packs blocks of the given sizes until the parcel is full or they are used up; all must arrive
// once.
void expect_all_arrive(const std::vector<std::size_t>& sizes, std::size_t count) {
  ThreadCache cache;
  Parcel parcel;
  std::multiset<Block*> packed, arrived;
  for (std::size_t i = 0; i < count; ++i) {
    Block* block = cache.refill(class_of(sizes[i % sizes.size()]));
    packed.insert(block);
    if (parcel.has_room()) parcel.load(block);
    else parcel.add_carrier(block);
  }
  parcel.close();
  for_each_delivered(parcel.first, [&](Block* block) {
    arrived.insert(block);
    cache.free_own(span_of(block), block);
  });
  EXPECT_EQ(arrived, packed);
  EXPECT_EQ(arrived.size(), count);
  cache.release();
}

TEST(Parcel, every_block_arrives_once_whatever_its_size) {
  for (std::size_t bytes = 16; bytes <= kMaxSlabBlockBytes; bytes *= 2) {
    expect_all_arrive({bytes}, 1);
    expect_all_arrive({bytes}, 100);
  }
}

TEST(Parcel, blocks_of_all_sizes_travel_together) {
  expect_all_arrive({16, 300, 32, 48, 5000, 16, 64, 40'000}, 200);
}

TEST(Parcel, most_blocks_travel_untouched) {
  ThreadCache cache;
  Parcel parcel;
  std::vector<Block*> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(cache.refill(class_of(300)));
  for (Block* block : blocks) block->next = reinterpret_cast<Block*>(0x5a5a);
  parcel.add_carrier(blocks[0]);
  for (int i = 1; i < 10; ++i) parcel.load(blocks[i]);
  for (int i = 1; i < 10; ++i) EXPECT_EQ(blocks[i]->next, reinterpret_cast<Block*>(0x5a5a));
  for (Block* block : blocks) cache.free_own(span_of(block), block);
  cache.release();
}

TEST(Parcel, large_blocks_do_not_wait_for_others) {
  ThreadCache cache;
  Parcel parcel;
  Block* block = cache.refill(class_of(40'000));
  parcel.add_carrier(block);
  EXPECT_TRUE(parcel.is_full());
  EXPECT_FALSE(parcel.has_room());
  cache.free_own(span_of(block), block);
  cache.release();
}

}  // namespace
}  // namespace reference
