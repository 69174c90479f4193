#include "slab.h"

#include <gtest/gtest.h>

#include <set>

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

INSTANTIATE_TEST_SUITE_P(Classes, Slab,
                         testing::Values(0u, 1u, 7u, 20u, 40u, 55u, 56u, kClasses - 1));

}  // namespace
}  // namespace reference
