#include "statistics.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "allocate.h"
#include "fake_os.h"

namespace reference {
namespace {

reference_totals now() {
  reference_totals totals;
  reference_statistics(&totals);
  return totals;
}

void expect_equations(const reference_totals& totals) {
  EXPECT_EQ(totals.mapped_bytes, fake_os.mapped_bytes);
  EXPECT_EQ(totals.mapped_bytes, totals.metadata_bytes + totals.block_bytes + totals.cached_bytes +
                                     totals.retained_bytes + totals.stranded_bytes);
  EXPECT_LE(totals.dirty_bytes, totals.retained_bytes + totals.stranded_bytes);
  std::size_t block = totals.large_bytes + totals.direct_bytes;
  std::size_t cached = totals.kept_span_bytes + totals.direct_slack_bytes;
  for (const auto& entry : totals.classes) {
    EXPECT_EQ(entry.block_bytes, entry.live_blocks * entry.class_bytes);
    block += entry.block_bytes;
    cached += entry.cached_bytes;
  }
  EXPECT_EQ(totals.block_bytes, block);
  EXPECT_EQ(totals.cached_bytes, cached);
}

TEST(Statistics, one_block_is_one_block) {
  const reference_totals before = now();
  void* block = allocate(100);
  const reference_totals after = now();
  EXPECT_EQ(after.live_blocks, before.live_blocks + 1);
  EXPECT_EQ(after.block_bytes, before.block_bytes + usable_bytes(block));
  EXPECT_EQ(after.classes[class_of(100)].live_blocks,
            before.classes[class_of(100)].live_blocks + 1);
  EXPECT_EQ(after.live_bytes, REFERENCE_UNKNOWN) << "requests are not stored";
  deallocate(block);
  EXPECT_EQ(now().block_bytes, before.block_bytes);
}

TEST(Statistics, the_parts_sum_exactly_to_what_is_mapped) {
  std::mt19937_64 random(1);
  std::vector<void*> blocks;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 200; ++i) {
      const std::size_t bytes = std::size_t{1} << random() % 23;
      blocks.push_back(allocate(random() % bytes + 1));
      if (random() % 2 != 0) {
        std::swap(blocks[random() % blocks.size()], blocks.back());
        deallocate(blocks.back());
        blocks.pop_back();
      }
    }
    expect_equations(now());
    if (round % 20 == 19) release_free_memory();
  }
  for (void* block : blocks) deallocate(block);
  expect_equations(now());
}

TEST(Statistics, blocks_on_their_way_home_are_cached_not_live) {
  std::vector<void*> blocks(1000);
  const reference_totals before = now();
  for (void*& block : blocks) block = allocate(64);
  std::thread([&blocks] {
    for (std::size_t i = 0; i < 500; ++i) deallocate(blocks[i]);
  }).join();
  const reference_totals after = now();
  EXPECT_EQ(after.live_blocks, before.live_blocks + 500);
  expect_equations(after);
  for (std::size_t i = 500; i < 1000; ++i) deallocate(blocks[i]);
}

TEST(Statistics, blocks_in_a_bin_are_cached_not_live) {
  for (const std::size_t bytes : {16, 100, 5000, 60'000}) {
    const reference_totals before = now();
    std::vector<void*> blocks(20);
    for (void*& block : blocks) block = allocate(bytes);
    expect_equations(now());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_EQ(now().classes[class_of(bytes)].live_blocks,
                before.classes[class_of(bytes)].live_blocks + blocks.size() - i);
      deallocate(blocks[i]);
    }
    EXPECT_EQ(now().block_bytes, before.block_bytes);
    expect_equations(now());
  }
}

TEST(Statistics, a_thread_costs_a_unit_of_metadata) {
  std::vector<ThreadCache*> held;
  std::size_t before = 0;
  do {  // idle caches cost nothing more
    before = now().metadata_bytes;
    held.push_back(cache_registry::borrow());
  } while (now().metadata_bytes == before);
  const std::size_t more = now().metadata_bytes - before;
  EXPECT_TRUE(more == kUnitBytes || more == 2 * kUnitBytes) << "with a segment's header";
  expect_equations(now());
  for (ThreadCache* cache : held) cache_registry::give_back(cache);
}

// What another thread held when this one forked.
TEST(Statistics, the_equations_hold_in_the_child_of_a_fork) {
  std::atomic<bool> is_ready = false, stop = false;
  std::thread other([&] {
    std::vector<void*> blocks(5000);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = allocate(i % 3000);
    for (std::size_t i = 0; i < blocks.size(); ++i) deallocate(blocks[i]);
    is_ready = true;
    while (!stop) usleep(1000);
  });
  while (!is_ready) usleep(1000);
  const pid_t child = fork();
  if (child == 0) {
    expect_equations(now());
    std::vector<void*> blocks(5000);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = allocate(i % 3000);
    expect_equations(now());
    for (void* block : blocks) deallocate(block);
    release_free_memory();
    expect_equations(now());
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  stop = true;
  other.join();
}

TEST(Statistics, nothing_dirty_is_left_after_release) {
  std::vector<void*> blocks(5000);
  for (void*& block : blocks) memset(block = allocate(3000), 1, 3000);
  for (void* block : blocks) deallocate(block);
  release_free_memory();
  const reference_totals totals = now();
  EXPECT_EQ(totals.dirty_bytes, 0u);
  EXPECT_EQ(totals.kept_span_bytes, 0u);
  expect_equations(totals);
}

struct Seen {
  std::size_t slabs = 0, live_blocks = 0, span_bytes = 0;
  const void* wanted = nullptr;
  double fraction = -1;
};

void look(const reference_span* span, void* context) {
  auto& seen = *static_cast<Seen*>(context);
  seen.slabs += span->kind == REFERENCE_SLAB;
  seen.live_blocks += span->live_blocks;
  seen.span_bytes += span->span_bytes;
  const std::size_t distance = address_of(seen.wanted) - address_of(span->start);
  if (distance < span->span_bytes) {
    seen.fraction = static_cast<double>(span->live_blocks * span->class_bytes) /
                    static_cast<double>(span->span_bytes);
  }
}

TEST(Statistics, the_walk_sees_every_span_with_its_live_fraction) {
  std::vector<void*> blocks(640);
  for (void*& block : blocks) block = allocate(1024);
  void* large = allocate(300'000);
  void* direct = allocate(9'000'000);
  Seen seen;
  seen.wanted = blocks[320];
  reference_walk(look, &seen);
  const reference_totals totals = now();
  EXPECT_GE(seen.live_blocks, 642u);
  EXPECT_GT(seen.fraction, 0.9) << "a slab in the middle is full";
  EXPECT_GE(seen.slabs, 10u);
  EXPECT_LE(totals.block_bytes, seen.span_bytes);
  for (void* block : blocks) deallocate(block);
  deallocate(large);
  deallocate(direct);
}

}  // namespace
}  // namespace reference
