#include "experiments/workload/hand_over.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace lab {
namespace {

void* token(std::uintptr_t value) { return reinterpret_cast<void*>(value); }

TEST(HandOver, gives_blocks_in_the_order_they_came) {
  HandOver queue;
  EXPECT_EQ(queue.pop(), nullptr);
  EXPECT_TRUE(queue.push(token(8)));
  EXPECT_TRUE(queue.push(token(16)));
  EXPECT_EQ(queue.pop(), token(8));
  EXPECT_EQ(queue.pop(), token(16));
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(HandOver, refuses_when_full) {
  HandOver queue;
  for (std::uint32_t i = 0; i < HandOver::kCapacity; ++i) ASSERT_TRUE(queue.push(token(8)));
  EXPECT_FALSE(queue.push(token(8)));
  queue.pop();
  EXPECT_TRUE(queue.push(token(8)));
}

TEST(HandOver, is_drained_only_when_closed_and_empty) {
  HandOver queue;
  EXPECT_FALSE(queue.drained());
  queue.push(token(8));
  queue.close();
  EXPECT_FALSE(queue.drained());
  queue.pop();
  EXPECT_TRUE(queue.drained());
}

TEST(HandOver, loses_nothing_between_two_threads) {
  constexpr std::uintptr_t kBlocks = 100000;
  static HandOver queue;
  std::thread producer([] {
    for (std::uintptr_t i = 1; i <= kBlocks; ++i)
      while (!queue.push(token(i))) sched_yield();
    queue.close();
  });
  std::uintptr_t expected = 1;
  while (!queue.drained()) {
    void* block = queue.pop();
    if (block == nullptr) sched_yield();
    else ASSERT_EQ(block, token(expected++));
  }
  producer.join();
  EXPECT_EQ(expected, kBlocks + 1);
}

}  // namespace
}  // namespace lab
