#include "thread_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "knobs.h"
#include "span_heap.h"

namespace reference {
namespace {

constexpr unsigned kClass = 5;

// Caches of the test alone: no thread's.
class Caches : public testing::Test {
 protected:
  void TearDown() override {
    for (ThreadCache* cache : {&owner_, &other_, &owner_}) cache->release();
  }

  std::vector<Block*> take(ThreadCache& cache, std::size_t count, unsigned size_class = kClass) {
    std::vector<Block*> blocks;
    while (blocks.size() < count) blocks.push_back(cache.refill(size_class));
    return blocks;
  }

  static std::size_t capacity() { return kUnitBytes / kClassBytes[kClass]; }

  ThreadCache owner_;
  ThreadCache other_;
};

TEST_F(Caches, a_freed_block_is_the_next_one_handed_out) {
  Block* block = owner_.refill(kClass);
  owner_.free_own(span_of(block), block);
  EXPECT_EQ(owner_.refill(kClass), block);
  owner_.free_own(span_of(block), block);
}

TEST_F(Caches, of_medium_blocks_the_one_freed_last_is_at_hand) {
  const unsigned medium = class_of(40'000);
  auto blocks = take(owner_, 3, medium);
  for (Block* block : blocks) {
    if (!owner_.make_ready(span_of(block), block)) owner_.shorten_ready(medium);
  }
  EXPECT_EQ(owner_.take_ready(medium), blocks[2]);
  EXPECT_EQ(owner_.take_ready(medium), blocks[1]);
  for (Block* block : {blocks[1], blocks[2]}) owner_.free_own(span_of(block), block);
}

TEST_F(Caches, a_block_at_hand_is_not_written_to) {
  const unsigned medium = class_of(40'000);
  Block* block = owner_.refill(medium);
  memset(block, 0x5a, kClassBytes[medium]);
  if (!owner_.make_ready(span_of(block), block)) owner_.shorten_ready(medium);
  ASSERT_EQ(owner_.take_ready(medium), block);
  const auto* bytes = reinterpret_cast<const unsigned char*>(block);
  EXPECT_TRUE(
      std::all_of(bytes, bytes + kClassBytes[medium], [](auto byte) { return byte == 0x5a; }));
  owner_.free_own(span_of(block), block);
}

TEST_F(Caches, no_more_is_at_hand_than_the_knob_allows) {
  const unsigned medium = class_of(40'000);
  auto blocks = take(owner_, 100, medium);
  std::size_t at_hand = 0, most = 0;
  for (Block* block : blocks) {
    if (!owner_.make_ready(span_of(block), block)) owner_.shorten_ready(medium);
    at_hand = 0;
    owner_.for_each_travelling([](Block*, void* count) { ++*static_cast<std::size_t*>(count); },
                               &at_hand);
    if (at_hand > most) most = at_hand;
  }
  EXPECT_GT(most, 2u);
  EXPECT_LE(most * kClassBytes[medium], 2 * knobs.thread_cache_bytes);
  owner_.park();
  EXPECT_EQ(owner_.take_ready(medium), nullptr);
}

TEST_F(Caches, an_empty_slab_that_is_not_current_leaves_the_cache) {
  auto blocks = take(owner_, 2 * capacity());
  Span* first = span_of(blocks.front());
  EXPECT_EQ(first->state, SlabState::full);
  for (Block* block : blocks) owner_.free_own(span_of(block), block);
  EXPECT_EQ(first->kind, SpanKind::free);
}

TEST_F(Caches, a_full_slab_wakes_up_when_a_sixteenth_is_free) {
  auto blocks = take(owner_, capacity() + 1);
  Span* first = span_of(blocks.front());
  const auto wake = static_cast<std::size_t>(slab::wake_count(first));
  for (std::size_t i = 0; i + 1 < wake; ++i) owner_.free_own(first, blocks[i]);
  EXPECT_EQ(first->state, SlabState::full);
  owner_.free_own(first, blocks[wake - 1]);
  EXPECT_EQ(first->state, SlabState::available);
  EXPECT_EQ(span_of(owner_.refill(kClass)), span_of(blocks.back()))
      << "the current slab has its turn first";
  for (std::size_t i = wake; i < blocks.size(); ++i) owner_.free_own(span_of(blocks[i]), blocks[i]);
}

TEST_F(Caches, remote_frees_come_home_and_are_used_again) {
  auto blocks = take(owner_, capacity());
  for (Block* block : blocks) other_.free_remote(&owner_, block);
  other_.park();
  EXPECT_TRUE(owner_.has_mail());
  Block* block = owner_.refill(kClass);
  EXPECT_EQ(span_of(block), span_of(blocks.front())) << "no new slab was needed";
  EXPECT_FALSE(owner_.has_mail());
  EXPECT_EQ(span_of(block)->used(), 1);
  owner_.free_own(span_of(block), block);
}

TEST_F(Caches, remote_frees_travel_in_company) {
  auto blocks = take(owner_, 2);
  other_.free_remote(&owner_, blocks[0]);
  EXPECT_FALSE(owner_.has_mail()) << "one small block waits for others";
  other_.free_remote(&owner_, blocks[1]);
  other_.park();
  EXPECT_TRUE(owner_.has_mail());
}

TEST_F(Caches, travelling_blocks_are_visited_once_each) {
  auto blocks = take(owner_, 100);
  for (std::size_t i = 0; i < 70; ++i) other_.free_remote(&owner_, blocks[i]);
  std::size_t visited = 0;
  const auto count = [](Block*, void* sum) { ++*static_cast<std::size_t*>(sum); };
  owner_.for_each_travelling(count, &visited);
  other_.for_each_travelling(count, &visited);
  EXPECT_EQ(visited, 70u);
  other_.park();
  for (std::size_t i = 70; i < 100; ++i) owner_.free_own(span_of(blocks[i]), blocks[i]);
}

TEST_F(Caches, many_threads_can_post_to_one_inbox) {
  constexpr std::size_t kThreads = 4;
  auto blocks = take(owner_, kThreads * 5000, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&blocks, this, t] {
      for (std::size_t i = t; i < blocks.size(); i += kThreads)
        ThreadCache::free_alone(&owner_, blocks[i]);
    });
  }
  for (auto& thread : threads) thread.join();
  Span* first = span_of(blocks.front());
  owner_.release();
  EXPECT_EQ(first->kind, SpanKind::free) << "every block came home";
}

TEST_F(Caches, a_block_freed_while_its_slab_changes_owner_is_forwarded) {
  auto blocks = take(owner_, 2);
  Span* slab = span_of(blocks[0]);
  ThreadCache::free_alone(&owner_, blocks[0]);
  ASSERT_EQ(owner_.bequeath(kClass, &other_), slab);
  owner_.park();
  EXPECT_TRUE(other_.has_mail());
  // As the heir would treat it: one block is out, one on its way.
  slab->set_alarm(0);
  other_.free_own(slab, blocks[1]);
  other_.park();
  EXPECT_EQ(slab->kind, SpanKind::free);
}

TEST_F(Caches, releasing_pages_leaves_every_slab_usable) {
  auto blocks = take(owner_, 3 * capacity());
  std::vector<Block*> left;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % capacity() == 0) left.push_back(blocks[i]);
    else owner_.free_own(span_of(blocks[i]), blocks[i]);
  }
  owner_.release_pages();
  for (Block* block : left) EXPECT_EQ(span_of(block)->used(), 1);
  for (std::size_t i = left.size(); i < blocks.size(); ++i) left.push_back(owner_.refill(kClass));
  EXPECT_EQ(std::set<Block*>(left.begin(), left.end()).size(), blocks.size());
  for (Block* block : left) owner_.free_own(span_of(block), block);
}

TEST_F(Caches, kept_spans_stay_within_the_knob) {
  std::vector<Span*> spans;
  for (int i = 0; i < 40; ++i) spans.push_back(owner_.take_span(1));
  for (Span* span : spans) owner_.give_span(span);
  EXPECT_GT(owner_.kept_span_bytes(), 0u);
  EXPECT_LE(owner_.kept_span_bytes(), knobs.thread_cache_bytes);
  owner_.release();
  EXPECT_EQ(owner_.kept_span_bytes(), 0u);
}

}  // namespace
}  // namespace reference
