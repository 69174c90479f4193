#include "allocate.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "fake_os.h"
#include "knobs.h"

namespace reference {
namespace {

// Sizes around every class boundary and across the three kinds of block.
std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all = {0, 1};
  for (const std::uint32_t bytes : kClassBytes)
    all.insert(all.end(), {bytes - 1, bytes, bytes + 1});
  for (std::size_t bytes = kMaxSlabBlockBytes; bytes <= (40 << 20); bytes = bytes * 7 / 4) {
    all.insert(all.end(), {bytes - 1, bytes, bytes + 1});
  }
  return all;
}

void fill(void* block, std::size_t bytes) {
  auto* at = static_cast<unsigned char*>(block);
  for (std::size_t i = 0; i<bytes; i += bytes> 4096 ? 997 : 1)
    at[i] = static_cast<unsigned char>(i * 31 + bytes);
}

bool is_filled(const void* block, std::size_t filled, std::size_t kept) {
  const auto* at = static_cast<const unsigned char*>(block);
  for (std::size_t i = 0; i<kept; i += filled> 4096 ? 997 : 1) {
    if (at[i] != static_cast<unsigned char>(i * 31 + filled)) return false;
  }
  return true;
}

class Allocate : public testing::Test {
 protected:
  void TearDown() override {
    knobs = saved_;
    fake_os.recover();
  }
  Knobs saved_ = knobs;
};

TEST_F(Allocate, blocks_of_every_size_are_aligned_and_do_not_overlap) {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (const std::size_t bytes : sizes()) {
    void* block = allocate(bytes);
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(address_of(block) % 16, 0u);
    ASSERT_GE(usable_bytes(block), bytes);
    fill(block, bytes);
    blocks.emplace_back(block, bytes);
  }
  for (auto [block, bytes] : blocks) {
    ASSERT_TRUE(is_filled(block, bytes, bytes)) << bytes;
    deallocate(block);
  }
}

TEST_F(Allocate, every_alignment_is_honoured_for_every_size) {
  for (std::size_t alignment = 1; alignment <= (64 << 20); alignment *= 2) {
    for (const std::size_t bytes : {0, 1, 100, 5000, 70'000, 3'000'000}) {
      void* first = allocate_aligned(alignment, bytes);
      void* second = allocate_aligned(alignment, bytes);
      ASSERT_EQ(address_of(first) % alignment, 0u);
      ASSERT_EQ(address_of(second) % alignment, 0u);
      fill(first, bytes);
      fill(second, bytes);
      ASSERT_TRUE(is_filled(first, bytes, bytes));
      deallocate(first);
      deallocate(second);
    }
  }
}

TEST_F(Allocate, reallocation_between_all_sizes_keeps_the_content) {
  const auto all = sizes();
  for (std::size_t i = 0; i < all.size(); i += 3) {
    for (std::size_t j = 0; j < all.size(); j += 7) {
      const std::size_t from = all[i], to = all[j] + 1;
      void* block = allocate(from);
      fill(block, from);
      void* moved = reallocate(block, to);
      ASSERT_NE(moved, nullptr);
      ASSERT_GE(usable_bytes(moved), to);
      ASSERT_TRUE(is_filled(moved, from, from < to ? from : to)) << from << " to " << to;
      static_cast<char*>(moved)[to - 1] = 1;
      deallocate(moved);
    }
  }
}

TEST_F(Allocate, aligned_blocks_can_be_reallocated) {
  for (std::size_t alignment = 32; alignment <= (32 << 20); alignment *= 4) {
    void* block = allocate_aligned(alignment, 5'000'000);
    fill(block, 5'000'000);
    for (const std::size_t bytes : {50'000'000, 9'000'000, 3'000'000, 300'000, 3'000}) {
      block = reallocate(block, bytes);
      ASSERT_TRUE(is_filled(block, 5'000'000, std::min(bytes, std::size_t{3'000})));
    }
    deallocate(block);
  }
}

TEST_F(Allocate, a_growing_large_block_moves_without_copying_its_pages) {
  constexpr std::size_t kBytes = 40 << 20;
  auto* block = static_cast<char*>(allocate(kBytes));
  memset(block, 1, kBytes);
  release_free_memory();
  const std::uint64_t mapped = fake_os.mapped_bytes;
  block = static_cast<char*>(reallocate(block, 2 * kBytes));
  EXPECT_EQ(block[kBytes - 1], 1);
  EXPECT_LT(fake_os.mapped_bytes - mapped, 2 * kBytes)
      << "old and new block did not exist side by side";
  deallocate(block);
}

TEST_F(Allocate, zeroed_blocks_are_zero_whatever_was_there) {
  for (const std::size_t bytes : sizes()) {
    void* dirty = allocate(bytes);
    memset(dirty, 1, bytes);
    deallocate(dirty);
    auto* block = static_cast<char*>(allocate_zeroed(bytes));
    for (std::size_t at = 0; at < bytes; ++at) ASSERT_EQ(block[at], 0) << bytes << " at " << at;
    memset(block, 1, bytes);
    deallocate(block);
  }
}

TEST_F(Allocate, every_way_to_allocate_takes_the_block_freed_last) {
  for (const std::size_t bytes : {0, 100, 1024, 5000, 60'000}) {
    void* block = allocate(bytes);
    deallocate(block);
    EXPECT_EQ(allocate_zeroed(bytes), block);
    deallocate(block);
    EXPECT_EQ(allocate_aligned(16, bytes), block);
    deallocate(block);
    EXPECT_EQ(allocate(bytes), block);
    deallocate(block);
  }
  void* aligned = allocate_aligned(4096, 8000);
  deallocate(aligned);
  EXPECT_EQ(allocate_aligned(4096, 8000), aligned);
  deallocate(aligned);
}

TEST_F(Allocate, a_fixed_threshold_makes_blocks_direct_from_its_size) {
  knobs.mmap_threshold_adapts = false;
  knobs.mmap_threshold_bytes = 10'000;
  void* below = allocate(9'999);
  void* at = allocate(10'000);
  EXPECT_NE(span_of(below)->kind, SpanKind::direct);
  EXPECT_EQ(span_of(at)->kind, SpanKind::direct);
  deallocate(below);
  deallocate(at);
}

TEST_F(Allocate, an_adaptive_threshold_rises_above_a_freed_direct_block) {
  knobs.mmap_threshold_bytes = 100'000;
  void* first = allocate(150'000);
  EXPECT_EQ(span_of(first)->kind, SpanKind::direct);
  deallocate(first);
  void* second = allocate(150'000);
  EXPECT_NE(span_of(second)->kind, SpanKind::direct);
  deallocate(second);
}

TEST_F(Allocate, exhaustion_at_any_system_call_is_reported_and_loses_nothing) {
  for (const std::size_t bytes : {100, 20'000, 200'000, 1'900'000, 5'000'000, 100'000'000}) {
    release_free_memory();
    for (std::uint64_t n = 1; n <= 6; ++n) {
      fake_os.fail_at(n, true);
      errno = 0;
      std::vector<void*> blocks;
      for (int i = 0; i < 100; ++i) {
        void* block = allocate(bytes);
        if (block == nullptr) {
          ASSERT_EQ(errno, ENOMEM);
          break;
        }
        blocks.push_back(block);
      }
      fake_os.recover();
      void* block = allocate(bytes);
      ASSERT_NE(block, nullptr);
      blocks.push_back(block);
      for (void* each : blocks) deallocate(each);
    }
  }
}

TEST_F(Allocate, reallocation_that_fails_leaves_the_block) {
  for (const std::size_t bytes : {100, 100'000, 1'900'000, 30'000'000}) {
    void* block = allocate(bytes);
    fill(block, bytes);
    release_free_memory();
    fake_os.fail_at(1, true);
    void* grown = reallocate(block, 300'000'000);
    fake_os.recover();
    ASSERT_EQ(grown, nullptr);
    ASSERT_TRUE(is_filled(block, bytes, bytes));
    deallocate(block);
  }
}

TEST_F(Allocate, the_brk_source_serves_small_blocks_and_takes_them_back) {
  release_free_memory();
  knobs.source = Source::brk;
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(allocate(10'000));
  for (void* block : blocks) {
    fill(block, 10'000);
  }
  for (void* block : blocks) {
    ASSERT_TRUE(is_filled(block, 10'000, 10'000));
    deallocate(block);
  }
  release_free_memory();
}

}  // namespace
}  // namespace reference
