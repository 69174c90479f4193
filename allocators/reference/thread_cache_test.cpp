#include "thread_cache.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "allocate.h"
#include "cache_registry.h"
#include "fake_os.h"
#include "knobs.h"
#include "span_heap.h"

namespace reference {
namespace {

constexpr unsigned kClass = 5;
constexpr std::size_t kBinBlocks = 63;

// Caches of the test alone: no thread's.
class Caches : public testing::Test {
 protected:
  // Without slabs of idle caches, which would be adopted.
  void SetUp() override { release_free_memory(); }
  void TearDown() override {
    for (int round = 0; round < 2; ++round) {
      for (ThreadCache* cache : {&owner_, &other_}) cache->release();
    }
    knobs = saved_;
    fake_os.recover();
  }

  static void adopt(ThreadCache& heir, Span* slab) {
    set_owner(slab, &heir);
    heir.reclaim(slab);
  }

  // The two halves of what allocate.h does with a cache.
  static Block* take(ThreadCache& cache, unsigned size_class = kClass) {
    Block* block = cache.take(size_class);
    return block != nullptr ? block : cache.refill(size_class);
  }
  static void free(ThreadCache& cache, Block* block) {
    if (cache.put(unit_of(block).size_class, block)) return;
    if (owner_of(span_of(block)) == &cache && cache.give_back(block)) return;
    cache.deallocate(block);
  }

  static std::vector<Block*> take_many(ThreadCache& cache, std::size_t count,
                                       unsigned size_class = kClass) {
    std::vector<Block*> blocks(count);
    for (Block*& block : blocks) block = take(cache, size_class);
    return blocks;
  }
  static void free_all(ThreadCache& cache, const std::vector<Block*>& blocks) {
    for (Block* block : blocks) free(cache, block);
  }

  // Blocks in bins or under way, as the cache sees them.
  static std::vector<Block*> travelling(ThreadCache& cache) {
    std::vector<Block*> seen;
    cache.for_each_travelling(
        [](Block* block, void* into) { static_cast<std::vector<Block*>*>(into)->push_back(block); },
        &seen);
    return seen;
  }

  static std::size_t capacity() { return kUnitBytes / kClassBytes[kClass]; }

  static std::vector<Block*> take_full_slab(ThreadCache& cache) {
    auto blocks = take_many(cache, capacity());
    EXPECT_TRUE(slab::is_full(span_of(blocks.front())));
    EXPECT_EQ(span_of(blocks.back()), span_of(blocks.front()));
    return blocks;
  }

  ThreadCache owner_;
  ThreadCache other_;
  Knobs saved_ = knobs;
};

// What a bin may hold.
std::size_t wanted_limit(unsigned size_class) {
  const std::size_t blocks = knobs.thread_cache_bytes / kClassBytes[size_class];
  return std::min(kBinBlocks, size_class < kFirstMedium ? blocks / 32 : blocks * 2);
}

TEST_F(Caches, a_freed_block_is_the_next_one_handed_out) {
  Block* block = take(owner_);
  free(owner_, block);
  EXPECT_EQ(take(owner_), block);
  free(owner_, block);
}

TEST_F(Caches, of_several_the_one_freed_last_is_handed_out_first) {
  for (const unsigned size_class : {0u, kClass, class_of(5000), class_of(40'000), kClasses - 1}) {
    auto blocks = take_many(owner_, 15, size_class);
    for (Block* block : blocks) ASSERT_TRUE(owner_.put(size_class, block));
    for (auto at = blocks.rbegin(); at != blocks.rend(); ++at)
      EXPECT_EQ(owner_.take(size_class), *at);
    free_all(owner_, blocks);
  }
}

TEST_F(Caches, blocks_come_from_a_fresh_slab_in_the_order_of_their_addresses) {
  auto blocks = take_many(owner_, capacity());
  for (std::size_t i = 1; i < blocks.size(); ++i)
    EXPECT_EQ(address_of(blocks[i]) - address_of(blocks[i - 1]), kClassBytes[kClass]);
  free_all(owner_, blocks);
}

TEST_F(Caches, a_block_in_a_bin_is_not_written_to) {
  for (const unsigned size_class : {0u, kClass, class_of(5000), class_of(40'000)}) {
    auto blocks = take_many(owner_, 2, size_class);
    for (Block* block : blocks) memset(block, 0x5a, kClassBytes[size_class]);
    for (Block* block : blocks) ASSERT_TRUE(owner_.put(size_class, block));
    for (Block* block : blocks) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(block);
      EXPECT_TRUE(std::all_of(bytes, bytes + kClassBytes[size_class],
                              [](unsigned char byte) { return byte == 0x5a; }));
    }
  }
}

TEST_F(Caches, a_refill_brings_half_of_what_the_bin_may_hold_or_what_a_new_slab_has) {
  for (unsigned size_class = 0; size_class < kClasses; ++size_class) {
    Block* block = owner_.refill(size_class);
    const std::size_t slab_blocks = span_of(block)->capacity;
    EXPECT_EQ(travelling(owner_).size(), std::min(wanted_limit(size_class) / 2, slab_blocks - 1))
        << "class " << size_class;
    free(owner_, block);
    owner_.release();
    EXPECT_TRUE(travelling(owner_).empty());
  }
}

TEST_F(Caches, a_bin_holds_what_the_knob_allows) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1000}, std::size_t{100'000},
                                  std::size_t{1} << 20, std::size_t{1} << 30}) {
    knobs.thread_cache_bytes = bytes;
    ThreadCache cache;
    for (unsigned size_class = 0; size_class < kClasses; ++size_class) {
      auto blocks = take_many(cache, kBinBlocks + 1, size_class);
      while (Block* block = cache.take(size_class)) blocks.push_back(block);
      std::size_t held = 0;
      while (held < blocks.size() && cache.put(size_class, blocks[held])) ++held;
      EXPECT_EQ(held, wanted_limit(size_class)) << "class " << size_class << ", knob " << bytes;
      EXPECT_EQ(travelling(cache).size(), held);
      for (; held < blocks.size(); ++held) free(cache, blocks[held]);
      cache.release();
    }
  }
}

TEST_F(Caches, a_cache_that_may_keep_nothing_serves_and_takes_back_every_class) {
  knobs.thread_cache_bytes = 0;
  for (unsigned size_class = 0; size_class < kClasses; ++size_class) {
    auto blocks = take_many(owner_, 30, size_class);
    EXPECT_EQ(std::set<Block*>(blocks.begin(), blocks.end()).size(), blocks.size());
    EXPECT_TRUE(travelling(owner_).empty());
    Span* slab = span_of(blocks.front());
    free_all(owner_, blocks);
    EXPECT_EQ(slab->kind, SpanKind::free) << "class " << size_class;
    EXPECT_EQ(owner_.kept_span_bytes(), 0u);
  }
}

TEST_F(Caches, the_empty_cache_has_no_block_and_takes_none) {
  for (unsigned size_class = 0; size_class <= kNoClass; ++size_class) {
    EXPECT_EQ(no_cache.take(size_class), nullptr);
    EXPECT_FALSE(no_cache.put(size_class, nullptr));
  }
  Block* block = take(owner_);
  EXPECT_FALSE(no_cache.send(block));
  free(owner_, block);
}

TEST_F(Caches, a_block_that_finds_its_bin_full_returns_to_its_slab) {
  auto blocks = take_many(owner_, 200);
  for (Block* block : blocks) EXPECT_EQ(span_of(block), span_of(blocks.front()));
  Span* slab = span_of(blocks.front());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::uint16_t used = slab->used;
    if (owner_.put(kClass, blocks[i])) {
      EXPECT_EQ(slab->used, used) << "what is in a bin is taken";
      continue;
    }
    EXPECT_TRUE(slab::is_taken(slab, slab::index_of(slab, blocks[i])));
    EXPECT_TRUE(owner_.give_back(blocks[i]));
    EXPECT_EQ(slab->used, used - 1);
    EXPECT_FALSE(slab::is_taken(slab, slab::index_of(slab, blocks[i])));
  }
  EXPECT_EQ(travelling(owner_).size(), kBinBlocks);
  EXPECT_EQ(slab->used, kBinBlocks);
}

TEST_F(Caches, the_short_way_back_leaves_first_and_last_blocks_of_a_slab_to_the_long_one) {
  auto blocks = take_full_slab(owner_);
  Span* slab = span_of(blocks.front());
  ASSERT_EQ(span_of(blocks.back()), slab);
  EXPECT_FALSE(owner_.give_back(blocks[0])) << "the slab has to be listed";
  EXPECT_TRUE(slab::is_full(slab)) << "nothing was done";
  owner_.deallocate(blocks[0]);
  for (std::size_t i = 1; i + 1 < blocks.size(); ++i) EXPECT_TRUE(owner_.give_back(blocks[i]));
  EXPECT_FALSE(owner_.give_back(blocks.back())) << "the slab has to be retired";
  EXPECT_EQ(slab->used, 1);
  owner_.deallocate(blocks.back());
  EXPECT_EQ(slab->used, 0);
}

TEST_F(Caches, a_full_slab_serves_again_when_a_block_came_back) {
  auto blocks = take_full_slab(owner_);
  Span* slab = span_of(blocks.front());
  owner_.deallocate(blocks[10]);
  EXPECT_EQ(owner_.refill(kClass), blocks[10]);
  EXPECT_TRUE(slab::is_full(slab));
  free_all(owner_, blocks);
}

TEST_F(Caches, an_empty_slab_becomes_a_kept_span_unless_it_is_the_last_of_its_class) {
  auto blocks = take_many(owner_, 2 * capacity());
  Span* first = span_of(blocks.front());
  Span* second = span_of(blocks.back());
  ASSERT_NE(first, second);
  EXPECT_EQ(unit_of(first).size_class, kClass);
  for (Block* block : blocks) owner_.deallocate(block);
  owner_.park();
  if (first->kind != SpanKind::free) std::swap(first, second);
  EXPECT_EQ(first->kind, SpanKind::free);
  EXPECT_EQ(unit_of(first).size_class, kNoClass);
  EXPECT_EQ(owner_of(first), &owner_);
  EXPECT_EQ(second->kind, SpanKind::slab);
  EXPECT_EQ(second->used, 0);
  EXPECT_EQ(owner_.kept_span_bytes(), kUnitBytes);
  Block* again = take(owner_, 0);
  EXPECT_EQ(span_of(again), first) << "any class may have it";
  EXPECT_EQ(span_of(take(owner_)), second);
  free(owner_, again);
  owner_.release();
  EXPECT_EQ(first->kind, SpanKind::free);
}

// Of every class one block is out and some are in the bin.
TEST_F(Caches, every_new_slab_sends_two_bins_home_each_in_its_turn) {
  std::vector<Block*> out;
  for (int round = 0; round < 2; ++round) {  // in the second, no new slab is needed
    for (unsigned size_class = 0; size_class < kClasses; ++size_class) {
      if (size_class != kClass) out.push_back(take(owner_, size_class));
    }
  }
  const auto classes_held = [this] {
    std::set<unsigned> held;
    for (Block* block : travelling(owner_)) held.insert(unit_of(block).size_class);
    held.erase(kClass);
    return held;
  };
  const auto before = classes_held();
  EXPECT_EQ(before.size(), kClasses - 1);
  std::size_t held = before.size();
  for (unsigned slabs = 0; slabs < kClasses; ++slabs) {
    const auto blocks = take_many(owner_, capacity());
    out.insert(out.end(), blocks.begin(), blocks.end());
    const std::size_t now = classes_held().size();
    EXPECT_GE(now + 4, held) << "blocks of one slab, and perhaps the first of the next";
    held = now;
  }
  EXPECT_LE(held, 1u);
  for (Block* block : out) {
    EXPECT_EQ(owner_of(span_of(block)), &owner_);
    free(owner_, block);
  }
}

TEST_F(Caches, a_kept_span_becomes_a_slab_without_a_bin_going_home) {
  Block* out = take(owner_, 0);
  owner_.give_span(owner_.take_span(slab_units(kClass)));
  const std::size_t held = travelling(owner_).size();
  Block* block = owner_.refill(kClass);
  owner_.deallocate(block);
  std::size_t of_first_class = 0;
  for (Block* each : travelling(owner_)) of_first_class += unit_of(each).size_class == 0;
  EXPECT_EQ(of_first_class, held);
  free(owner_, out);
}

TEST_F(Caches, without_memory_a_refill_gives_no_block_and_harms_nothing) {
  auto blocks = take_many(owner_, 10);
  std::vector<Span*> spans;
  fake_os.fail_at(1, true);
  while (Span* span = span_heap::take(1)) spans.push_back(span);
  while (Block* block = take(owner_)) blocks.push_back(block);
  EXPECT_EQ(owner_.refill(kClass), nullptr) << "and again";
  EXPECT_EQ(blocks.size() % capacity(), 0u) << "the last slab was used up";
  free(owner_, blocks.back());
  EXPECT_EQ(take(owner_), blocks.back());
  fake_os.recover();
  blocks.push_back(take(owner_));
  EXPECT_NE(blocks.back(), nullptr);
  EXPECT_EQ(std::set<Block*>(blocks.begin(), blocks.end()).size(), blocks.size());
  free_all(owner_, blocks);
  for (Span* span : spans) span_heap::give(span);
}

TEST_F(Caches, a_foreign_block_is_reused_by_the_thread_that_freed_it) {
  auto blocks = take_many(owner_, 3);
  Span* slab = span_of(blocks.front());
  const std::uint16_t used = slab->used;
  free(other_, take(other_));  // opens the bin
  for (Block* block : blocks) EXPECT_TRUE(other_.put(kClass, block));
  for (std::size_t i = 3; i-- != 0;) EXPECT_EQ(take(other_), blocks[i]);
  EXPECT_FALSE(owner_.has_mail());
  EXPECT_EQ(slab->used, used);
  EXPECT_EQ(owner_of(slab), &owner_);
  free_all(other_, blocks);
  other_.park();
  EXPECT_TRUE(owner_.has_mail()) << "in the end they go home";
  owner_.release();
  EXPECT_EQ(slab->kind, SpanKind::free);
}

TEST_F(Caches, a_thread_that_does_not_use_the_class_sends_foreign_blocks_home) {
  auto blocks = take_many(owner_, 2);
  EXPECT_FALSE(other_.put(kClass, blocks[0])) << "its bin was never opened";
  EXPECT_TRUE(other_.send(blocks[0]));
  EXPECT_FALSE(owner_.has_mail()) << "one small block waits for others";
  EXPECT_TRUE(other_.send(blocks[1]));
  other_.park();
  EXPECT_TRUE(owner_.has_mail());
  EXPECT_TRUE(travelling(other_).empty());
}

TEST_F(Caches, only_blocks_of_other_caches_slabs_are_sent) {
  Block* own = take(owner_);
  EXPECT_FALSE(owner_.send(own));
  free(owner_, own);
  Span* large = owner_.take_span(3);
  EXPECT_FALSE(other_.send(reinterpret_cast<Block*>(large->start)));
  owner_.give_span(large);
}

TEST_F(Caches, remote_frees_come_home_and_are_used_again) {
  auto blocks = take_full_slab(owner_);
  Span* slab = span_of(blocks.front());
  for (std::size_t i = 1; i < blocks.size(); ++i) other_.deallocate(blocks[i]);
  other_.park();
  EXPECT_TRUE(owner_.has_mail());
  EXPECT_TRUE(slab::is_full(slab)) << "what travels is taken";
  Block* block = owner_.refill(kClass);
  EXPECT_FALSE(owner_.has_mail());
  EXPECT_EQ(block, blocks[1]) << "no new slab was needed";
  EXPECT_EQ(slab->used, 2 + travelling(owner_).size());
  free_all(owner_, {block, blocks[0]});
}

TEST_F(Caches, blocks_of_many_owners_all_come_home) {
  constexpr std::size_t kOwners = 20;  // more than one thread packs parcels for at once
  std::vector<ThreadCache> owners(kOwners);
  std::vector<Block*> blocks;
  for (int i = 0; i < 100; ++i) {
    for (ThreadCache& owner : owners) blocks.push_back(take(owner, i % 2 == 0 ? 0 : kClass));
  }
  for (Block* block : blocks) other_.deallocate(block);
  other_.park();
  for (ThreadCache& owner : owners) {
    EXPECT_TRUE(owner.has_mail());
    owner.release();
  }
  for (Block* block : blocks) EXPECT_EQ(span_of(block)->kind, SpanKind::free);
}

TEST_F(Caches, travelling_blocks_are_visited_once_each) {
  auto blocks = take_many(owner_, 300);
  std::multiset<Block*> expected;
  const auto in_bin = travelling(owner_);
  expected.insert(in_bin.begin(), in_bin.end());
  free(other_, take(other_));
  const auto in_other_bin = travelling(other_);
  expected.insert(in_other_bin.begin(), in_other_bin.end());
  expected.insert(blocks.begin(), blocks.end());
  std::size_t next = 0;
  for (; next < 200; ++next) other_.deallocate(blocks[next]);  // sent, and the rest in the outbox
  ASSERT_TRUE(owner_.has_mail());
  while (next < 210) ASSERT_TRUE(other_.put(kClass, blocks[next++]));
  while (next < 240) ASSERT_TRUE(owner_.put(kClass, blocks[next++]));
  for (; next < 300; ++next) ThreadCache::send_home(blocks[next]);
  for (int round = 0; round < 2; ++round) {
    std::multiset<Block*> visited;
    for (ThreadCache* cache : {&owner_, &other_}) {
      for (Block* block : travelling(*cache)) visited.insert(block);
    }
    EXPECT_EQ(visited, expected);
  }
}

TEST_F(Caches, many_threads_can_post_to_one_inbox) {
  constexpr std::size_t kThreads = 4;
  auto blocks = take_many(owner_, kThreads * 5000, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&blocks, t] {
      for (std::size_t i = t; i < blocks.size(); i += kThreads) ThreadCache::send_home(blocks[i]);
    });
  }
  for (auto& thread : threads) thread.join();
  owner_.release();
  for (Block* block : blocks)
    ASSERT_EQ(span_of(block)->kind, SpanKind::free) << "every block came home";
}

TEST_F(Caches, many_threads_can_post_parcels_while_the_owner_takes_them_in) {
  constexpr std::size_t kThreads = 3, kEach = 20'000;
  auto blocks = take_many(owner_, kThreads * kEach, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&blocks, t] {
      auto cache = std::make_unique<ThreadCache>();
      for (std::size_t i = t; i < blocks.size(); i += kThreads) cache->deallocate(blocks[i]);
      cache->park();
    });
  }
  std::vector<Block*> again;
  for (std::size_t i = 0; i < kEach; ++i) again.push_back(take(owner_, 0));
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<Block*>(again.begin(), again.end()).size(), again.size());
  free_all(owner_, again);
  owner_.release();
  for (Block* block : blocks) ASSERT_EQ(span_of(block)->kind, SpanKind::free);
}

TEST_F(Caches, a_block_freed_while_its_slab_changes_owner_is_forwarded) {
  auto blocks = take_many(owner_, 3);
  Span* slab = span_of(blocks[0]);
  other_.deallocate(blocks[1]);
  owner_.park();
  ThreadCache::send_home(blocks[0]);
  ThreadCache heir;
  ASSERT_EQ(owner_.bequeath(kClass, &heir), slab);
  adopt(heir, slab);
  EXPECT_EQ(owner_of(slab), &heir);
  other_.park();
  EXPECT_FALSE(heir.has_mail()) << "the parcel was addressed to the old owner";
  owner_.park();
  EXPECT_TRUE(heir.has_mail());
  heir.park();
  EXPECT_EQ(slab->used, 1);
  heir.deallocate(blocks[2]);
  EXPECT_EQ(slab->used, 0);
  heir.release();
  EXPECT_EQ(slab->kind, SpanKind::free);
}

TEST_F(Caches, a_parked_cache_has_every_block_at_home_and_keeps_its_spans) {
  auto blocks = take_many(owner_, 20);
  auto medium = take_many(owner_, 20, class_of(40'000));
  Span* slab = span_of(blocks.front());
  ASSERT_EQ(span_of(blocks.back()), slab);
  free(owner_, blocks[0]);
  free_all(owner_, medium);
  owner_.park();
  EXPECT_TRUE(travelling(owner_).empty());
  for (unsigned size_class = 0; size_class < kClasses; ++size_class)
    EXPECT_EQ(owner_.take(size_class), nullptr);
  EXPECT_EQ(slab->used, 19);
  EXPECT_GT(owner_.kept_span_bytes(), 0u) << "the slabs of the medium blocks";
  owner_.release();
  EXPECT_EQ(owner_.kept_span_bytes(), 0u);
  EXPECT_EQ(slab->kind, SpanKind::slab) << "it is in use";
  EXPECT_EQ(take(owner_), blocks[0]);
  free_all(owner_, blocks);
}

TEST_F(Caches, a_slab_with_free_blocks_can_be_bequeathed_and_a_full_one_not) {
  auto blocks = take_full_slab(owner_);
  Span* slab = span_of(blocks.front());
  EXPECT_EQ(owner_.bequeath(kClass, &other_), nullptr);
  owner_.deallocate(blocks[7]);
  EXPECT_EQ(owner_.bequeath(kClass + 1, &other_), nullptr);
  ASSERT_EQ(owner_.bequeath(kClass, &other_), slab);
  EXPECT_EQ(owner_.bequeath(kClass, &other_), nullptr) << "it is gone";
  adopt(other_, slab);
  EXPECT_EQ(owner_of(slab), &other_);
  EXPECT_EQ(take(other_), blocks[7]);
  free_all(other_, blocks);
}

TEST_F(Caches, an_heir_treats_full_slabs_as_its_own) {
  auto blocks = take_full_slab(owner_);
  Span* full = span_of(blocks.front());
  adopt(other_, full);
  Block* elsewhere = take(other_);
  EXPECT_NE(span_of(elsewhere), full) << "it has nothing to give";
  other_.deallocate(blocks[3]);
  EXPECT_EQ(full->used, capacity() - 1);
  EXPECT_EQ(other_.bequeath(kClass, &other_), span_of(elsewhere));
  EXPECT_EQ(other_.bequeath(kClass, &other_), full) << "it is listed now, behind the other";
  for (Span* slab : {full, span_of(elsewhere)}) adopt(other_, slab);
  blocks.erase(blocks.begin() + 3);
  blocks.push_back(elsewhere);
  free_all(other_, blocks);
}

TEST_F(Caches, what_was_left_of_a_lost_thread_is_listed_whatever_its_counts_say) {
  auto blocks = take_many(owner_, 5);
  Span* slab = span_of(blocks.front());
  owner_.park();
  ASSERT_EQ(owner_.bequeath(kClass, &other_), slab);
  slab->used = 77;
  slab->first_word = 63;
  other_.reclaim(slab);
  EXPECT_EQ(slab->used, 5);
  EXPECT_EQ(slab->first_word, 0);
  Span* span = owner_.take_span(1);
  const std::size_t kept = other_.kept_span_bytes();
  set_owner(span, &other_);
  other_.reclaim(span);
  EXPECT_EQ(other_.kept_span_bytes(), kept + kUnitBytes);
  free_all(other_, blocks);
}

TEST_F(Caches, an_heir_lists_a_full_slab_when_a_block_comes_back) {
  auto blocks = take_full_slab(owner_);
  Span* full = span_of(blocks.front());
  adopt(other_, full);
  EXPECT_EQ(other_.bequeath(kClass, &other_), nullptr);
  other_.deallocate(blocks[3]);
  EXPECT_EQ(other_.bequeath(kClass, &other_), full);
  EXPECT_EQ(other_.bequeath(kClass, &other_), nullptr);
  adopt(other_, full);
  blocks.erase(blocks.begin() + 3);
  free_all(other_, blocks);
}

TEST_F(Caches, releasing_pages_leaves_every_slab_usable) {
  auto blocks = take_many(owner_, 3 * capacity());
  for (Block* block : blocks) memset(block, 1, kClassBytes[kClass]);
  std::vector<Block*> left;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % capacity() == 0) left.push_back(blocks[i]);
    else free(owner_, blocks[i]);
  }
  owner_.release_pages();
  EXPECT_TRUE(travelling(owner_).empty());
  for (Block* block : left) {
    Span* slab = span_of(block);
    EXPECT_EQ(slab->used, 1);
    unsigned char pages[kUnitBytes / kPageBytes];
    ASSERT_EQ(mincore(slab->start, kUnitBytes, pages), 0);
    EXPECT_LE(std::count_if(pages, pages + std::size(pages), [](auto page) { return page & 1; }),
              2);
  }
  for (std::size_t i = left.size(); i < blocks.size(); ++i) left.push_back(take(owner_));
  EXPECT_EQ(std::set<Block*>(left.begin(), left.end()),
            std::set<Block*>(blocks.begin(), blocks.end()));
  free_all(owner_, left);
  for (const unsigned size_class : {0u, kClass, kClasses - 1}) {
    Block* block = take(owner_, size_class);
    free(owner_, block);
    EXPECT_EQ(owner_.take(size_class), block) << "bins work as before";
    owner_.deallocate(block);
  }
}

TEST_F(Caches, kept_spans_stay_within_the_knob) {
  std::vector<Span*> spans;
  for (int i = 0; i < 40; ++i) spans.push_back(owner_.take_span(1));
  for (Span* span : spans) owner_.give_span(span);
  EXPECT_GT(owner_.kept_span_bytes(), 0u);
  EXPECT_LE(owner_.kept_span_bytes(), knobs.thread_cache_bytes);
  Span* large = owner_.take_span(kMaxSpanUnits);
  owner_.give_span(large);
  EXPECT_LE(owner_.kept_span_bytes(), knobs.thread_cache_bytes) << "too large to be kept";
  owner_.release();
  EXPECT_EQ(owner_.kept_span_bytes(), 0u);
}

TEST_F(Caches, the_newest_kept_span_of_the_size_is_taken_and_not_called_zero) {
  Span* older = owner_.take_span(2);
  Span* newer = owner_.take_span(2);
  Span* longer = owner_.take_span(3);
  for (Span* span : {older, newer, longer}) {
    EXPECT_EQ(owner_of(span), nullptr);
    owner_.give_span(span);
    EXPECT_EQ(owner_of(span), &owner_);
  }
  EXPECT_EQ(owner_.take_span(2), newer);
  EXPECT_FALSE(newer->zero);
  EXPECT_EQ(owner_of(newer), nullptr);
  EXPECT_EQ(owner_.take_span(2), older);
  EXPECT_EQ(owner_.kept_span_bytes(), 3 * kUnitBytes);
  for (Span* span : {older, newer}) owner_.give_span(span);
}

}  // namespace
}  // namespace reference
