#include "slab.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "fake_os.h"
#include "span_heap.h"

namespace reference {
namespace {

class Slab : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    slab_ = span_heap::take(slab_units(GetParam()));
    slab::make(slab_, GetParam(), nullptr);
  }
  void TearDown() override { span_heap::give(slab_); }

  Block* take() {
    if (slab_->free == nullptr && slab::can_carve(slab_)) slab::carve(slab_);
    return slab_->free != nullptr ? slab::pop(slab_) : nullptr;
  }

  Span* slab_;
};

TEST_P(Slab, hands_out_its_capacity_in_blocks_that_do_not_overlap) {
  std::set<char*> blocks;
  while (Block* block = take()) blocks.insert(reinterpret_cast<char*>(block));
  EXPECT_EQ(blocks.size(), slab_->capacity);
  EXPECT_EQ(static_cast<std::size_t>(slab_->used()), blocks.size());
  char* end = start_of(slab_);
  for (char* block : blocks) {
    ASSERT_GE(block, end);
    ASSERT_EQ(span_of(block), slab_);
    end = block + slab_->block_bytes;
  }
  EXPECT_LE(end, start_of(slab_) + slab_->bytes());
}

TEST_P(Slab, the_alarm_rings_when_the_last_block_comes_home) {
  Block* first = take();
  Block* second = take();
  EXPECT_FALSE(slab::push(slab_, first));
  EXPECT_TRUE(slab::push(slab_, second));
  EXPECT_EQ(slab_->used(), 0);
}

TEST_P(Slab, a_moved_alarm_does_not_change_what_is_used) {
  Block* block = take();
  slab_->set_alarm(-1);
  EXPECT_EQ(slab_->used(), 1);
  EXPECT_FALSE(slab::push(slab_, block)) << "a current slab never rings";
  EXPECT_EQ(slab_->used(), 0);
}

TEST_P(Slab, carved_blocks_are_used_blocks_plus_the_free_list) {
  take();
  std::uint32_t listed = 0;
  for (Block* block = slab_->free; block != nullptr; block = block->next) ++listed;
  EXPECT_EQ(slab_->carved, static_cast<std::uint32_t>(slab_->used()) + listed);
  EXPECT_LE(slab_->carved * slab_->block_bytes, slab::kCarveBytes + slab_->block_bytes)
      << "about a page at a time";
}

// Takes all blocks, fills them, frees all but every `stride`-th.
class PurgedSlab : public Slab {
 protected:
  void fill_and_free(std::size_t stride) {
    std::vector<Block*> blocks;
    while (Block* block = take()) blocks.push_back(block);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      memset(blocks[i], 0x5a, slab_->block_bytes);
      if (i % stride == stride / 2) used_.insert(blocks[i]);
    }
    for (Block* block : blocks) {
      if (used_.count(block) == 0) slab::push(slab_, block);
    }
  }

  void expect_nothing_is_lost() {
    EXPECT_EQ(static_cast<std::size_t>(slab_->used()), used_.size());
    const std::string filled(slab_->block_bytes, 0x5a);
    for (Block* block : used_) EXPECT_EQ(memcmp(block, filled.data(), filled.size()), 0);
    while (Block* block = take()) {
      EXPECT_TRUE(used_.insert(block).second);
      EXPECT_EQ((reinterpret_cast<char*>(block) - start_of(slab_)) %
                    static_cast<std::ptrdiff_t>(slab_->block_bytes),
                0);
      EXPECT_EQ(static_cast<std::size_t>(slab_->used()), used_.size());
    }
    EXPECT_EQ(used_.size(), slab_->capacity);
    EXPECT_EQ(slab_->blanks, 0);
  }

  std::uint32_t listed() const {
    std::uint32_t count = 0;
    for (Block* block = slab_->free; block != nullptr; block = block->next) ++count;
    return count;
  }

  // Whether anything was written to the 4096 bytes at a distance since they were purged.
  bool is_blank_page(std::size_t at) {
    const std::string zeros(kPageBytes, 0);
    return memcmp(start_of(slab_) + at, zeros.data(), kPageBytes) == 0;
  }

  std::set<Block*> used_;
};

TEST_P(PurgedSlab, has_no_memory_where_no_block_is_used) {
  fill_and_free(slab_->capacity);
  slab::purge(slab_);
  std::size_t blank = 0;
  for (std::size_t at = 0; at < slab_->bytes(); at += kPageBytes) blank += is_blank_page(at);
  const std::size_t part = slab_->bytes() / 16;
  EXPECT_GE(blank * kPageBytes, slab_->bytes() - slab_->block_bytes - 4 * part);
  expect_nothing_is_lost();
}

TEST_P(PurgedSlab, keeps_its_equation_and_hands_out_every_block) {
  for (const std::size_t stride : {2, 5, 64, 300, 4096}) {
    if (stride > slab_->capacity) continue;
    fill_and_free(stride);
    slab::purge(slab_);
    slab::purge(slab_);
    EXPECT_EQ(slab_->carved, static_cast<std::uint32_t>(slab_->used()) + listed() + slab_->blanks);
    EXPECT_EQ(slab::free_list_length(slab_), listed());
    expect_nothing_is_lost();
    for (Block* block : used_) slab::push(slab_, block);
    used_.clear();
  }
}

TEST_P(PurgedSlab, can_be_purged_again_while_some_pages_are_blank) {
  fill_and_free(slab_->capacity);
  slab::purge(slab_);
  for (std::uint32_t i = 0; i < slab_->capacity / 2; ++i) {
    Block* block = take();
    memset(block, 0x5a, slab_->block_bytes);
    if (i % 3 == 0) used_.insert(block);
    else slab::push(slab_, block);
    if (i % 16 == 0) slab::purge(slab_);
  }
  expect_nothing_is_lost();
}

TEST_P(PurgedSlab, loses_nothing_when_the_system_refuses) {
  for (int refused = 1; refused < 4; ++refused) {
    fill_and_free(slab_->capacity / 2);
    fake_os.fail_at(static_cast<std::uint64_t>(refused), false);
    slab::purge(slab_);
    fake_os.recover();
    expect_nothing_is_lost();
    for (Block* block : used_) slab::push(slab_, block);
    used_.clear();
  }
}

INSTANTIATE_TEST_SUITE_P(Classes, PurgedSlab,
                         testing::Values(0u, 1u, 7u, 20u, 40u, 55u, 56u, kClasses - 1));

INSTANTIATE_TEST_SUITE_P(Classes, Slab,
                         testing::Values(0u, 1u, 7u, 20u, 40u, 55u, 56u, kClasses - 1));

}  // namespace
}  // namespace reference
