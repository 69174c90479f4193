#include "parcel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "allocate.h"
#include "thread_cache.h"

namespace reference {
namespace {

class Parcels : public testing::Test {
 protected:
  // Without slabs of idle caches, which would be adopted.
  void SetUp() override { release_free_memory(); }
  void TearDown() override {
    knobs = saved_;
    for (Block* block : taken_) cache_.deallocate(block);
    cache_.release();
  }

  Block* take(std::size_t bytes) {
    const unsigned size_class = class_of(bytes);
    Block* block = cache_.take(size_class);
    taken_.push_back(block != nullptr ? block : cache_.refill(size_class));
    return taken_.back();
  }

  std::vector<Block*> take_many(const std::vector<std::size_t>& sizes, std::size_t count) {
    std::vector<Block*> blocks(count);
    for (std::size_t i = 0; i < count; ++i) blocks[i] = take(sizes[i % sizes.size()]);
    return blocks;
  }

  // Sends blocks in as many parcels as they need, chained as in an inbox.
  void send(const std::vector<Block*>& blocks) {
    for (Block* block : blocks) {
      if (parcel_.is_full()) post();
      parcel_.add(block, 0);
    }
    post();
  }

  // The segments are those of a program without checks.
  void send_checked(const std::vector<Block*>& blocks) {
    knobs.check_level = 1;
    send(blocks);
  }

  void post() {
    ASSERT_FALSE(parcel_.is_empty());
    Carrier* last = nullptr;
    Carrier* first = parcel_.close(last);
    EXPECT_TRUE(parcel_.is_empty());
    Parcel::link(last, inbox_);
    inbox_ = first;
  }

  static std::multiset<Block*> as_set(const std::vector<Block*>& blocks) {
    return {blocks.begin(), blocks.end()};
  }

  std::vector<Block*> delivered() {
    std::vector<Block*> blocks;
    Parcel::for_each_delivered(inbox_, [&](Block* block) { blocks.push_back(block); });
    return blocks;
  }

  void expect_all_arrive(const std::vector<std::size_t>& sizes, std::size_t count) {
    inbox_ = nullptr;
    const auto blocks = take_many(sizes, count);
    send(blocks);
    EXPECT_EQ(as_set(delivered()), as_set(blocks));
  }

  std::size_t carriers() const {
    std::size_t count = 0;
    for (const Block* block = inbox_; block != nullptr; block = block->next) ++count;
    return count;
  }

  ThreadCache cache_;
  Parcel parcel_;
  Block* inbox_ = nullptr;
  std::vector<Block*> taken_;
  Knobs saved_ = knobs;
};

const std::vector<std::size_t> kMixed = {16, 300, 32, 48, 5000, 16, 64, 40'000};

TEST_F(Parcels, every_block_arrives_once_whatever_its_size) {
  for (const std::uint32_t bytes : kClassBytes) {
    for (const std::size_t count : {1, 2, 61, 62, 63, 150}) expect_all_arrive({bytes}, count);
  }
}

TEST_F(Parcels, blocks_of_all_sizes_travel_together) {
  for (std::size_t count = 1; count < 200; count += 13) expect_all_arrive(kMixed, count);
  std::vector<std::size_t> all(kClassBytes.begin(), kClassBytes.end());
  expect_all_arrive(all, 5 * kClasses);
  expect_all_arrive({all.rbegin(), all.rend()}, 5 * kClasses);
}

TEST_F(Parcels, a_parcel_can_be_filled_again) {
  send(take_many(kMixed, 100));
  send(take_many({100}, 3));
  EXPECT_EQ(delivered().size(), 103u);
}

TEST_F(Parcels, blocks_that_wait_in_a_parcel_are_visited_and_not_written_to) {
  for (int i = 0; i < 20; ++i) {
    memset(take(300), 0x5a, 300);
    parcel_.add(taken_.back(), 0);
  }
  std::vector<Block*> seen;
  parcel_.for_each([&](Block* block) { seen.push_back(block); });
  EXPECT_EQ(seen, taken_);
  for (Block* block : taken_) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(block);
    EXPECT_EQ(std::count(bytes, bytes + 300, 0x5a), 300);
  }
}

TEST_F(Parcels, most_blocks_travel_untouched) {
  for (int i = 0; i < 30; ++i) {
    memset(take(200), 0x5a, 200);
    parcel_.add(taken_.back(), 0);
  }
  post();
  std::size_t untouched = 0;
  for (Block* block : taken_) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(block);
    untouched += std::count(bytes, bytes + 200, 0x5a) == 200;
  }
  EXPECT_EQ(carriers(), 2u) << "208 bytes hold 24 addresses";
  EXPECT_EQ(untouched, 28u);
  EXPECT_EQ(delivered().size(), 30u);
}

TEST_F(Parcels, the_smallest_blocks_carry_no_address) {
  send(take_many({16}, 50));
  EXPECT_EQ(carriers(), 50u);
  inbox_ = nullptr;
  send(take_many({32}, 60));
  EXPECT_EQ(carriers(), 20u) << "each carries two others";
}

TEST_F(Parcels, large_blocks_do_not_wait_for_many_others) {
  for (const std::size_t bytes : {300, 5000, 40'000}) {
    std::size_t weight = 0;
    while (!parcel_.is_full()) {
      parcel_.add(take(bytes), bytes);
      weight += bytes;
    }
    EXPECT_LT(weight, 16384 + bytes);
    post();
    EXPECT_FALSE(parcel_.is_full());
  }
}

TEST_F(Parcels, nothing_is_written_past_the_end_of_a_carrier) {
  for (const std::size_t bytes : {16, 32, 48, 112, 1024}) {
    Block* left = take(bytes);
    Block* carrier = take(bytes);
    Block* right = take(bytes);
    memset(left, 0x5a, bytes);
    memset(right, 0x5a, bytes);
    parcel_.add(carrier, 0);
    for (int i = 0; i < 29; ++i) parcel_.add(take(40'000), 0);
    EXPECT_TRUE(parcel_.is_full());
    post();
    for (Block* neighbour : {left, right}) {
      const auto* at = reinterpret_cast<const unsigned char*>(neighbour);
      EXPECT_EQ(static_cast<std::size_t>(std::count(at, at + bytes, 0x5a)), bytes);
    }
    inbox_ = nullptr;
  }
}

TEST_F(Parcels, a_block_may_be_reused_as_soon_as_it_is_visited) {
  send(take_many(kMixed, 100));
  std::multiset<Block*> arrived;
  Parcel::for_each_delivered(inbox_, [&](Block* block) {
    arrived.insert(block);
    memset(block, 0x5a, kClassBytes[unit_of(block).size_class]);
  });
  EXPECT_EQ(arrived, as_set(taken_));
}

TEST_F(Parcels, with_checks_on_every_block_is_a_carrier_and_bears_its_mark) {
  send_checked(take_many(kMixed, 100));
  EXPECT_EQ(carriers(), 100u);
  for (Block* block : taken_) EXPECT_TRUE(free_mark::is_set(block));
  EXPECT_EQ(delivered().size(), 100u);
}

using ParcelsDeathTest = Parcels;

TEST_F(ParcelsDeathTest, with_checks_on_a_carrier_that_was_written_to_is_not_followed) {
  send_checked(take_many(kMixed, 100));
  for (const std::size_t word : {0, 1}) {
    auto* words = reinterpret_cast<std::uint64_t*>(taken_[50]);
    words[word] ^= 16;
    EXPECT_DEATH(delivered(), "free block written to");
    words[word] ^= 16;
  }
  EXPECT_EQ(delivered().size(), 100u);
}

}  // namespace
}  // namespace reference
