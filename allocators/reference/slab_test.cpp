#include "slab.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "fake_os.h"
#include "os.h"
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

  // The lowest free ones, in the order of their addresses.
  std::vector<Block*> take(std::uint32_t wanted) {
    std::vector<Block*> blocks(wanted);
    blocks.resize(slab::take(slab_, blocks.data(), wanted));
    std::reverse(blocks.begin(), blocks.end());
    return blocks;
  }
  std::vector<Block*> take_all() { return take(slab_->capacity); }

  Block* block_at(std::size_t index) const {
    return reinterpret_cast<Block*>(slab_->start + index * slab_->block_bytes);
  }

  std::uint32_t set_bits() const {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < slab_->capacity; ++i) count += slab::is_taken(slab_, i);
    return count;
  }

  Span* slab_;
};

TEST_P(Slab, holds_as_many_blocks_as_fit_into_its_span) {
  EXPECT_EQ(slab_->block_bytes, kClassBytes[GetParam()]);
  EXPECT_EQ(slab_->capacity, slab_->bytes() / slab_->block_bytes);
  EXPECT_GE(slab_->capacity, 8);
  EXPECT_EQ(slab_->used, 0);
  EXPECT_EQ(set_bits(), 0u);
}

TEST_P(Slab, tells_all_its_units_class_and_owner) {
  auto* owner = reinterpret_cast<ThreadCache*>(0x1000);  // never looked into
  slab::make(slab_, GetParam(), owner);
  for (unsigned unit = 0; unit < slab_->units; ++unit) {
    const char* in_unit = slab_->start + unit * kUnitBytes + 16;
    EXPECT_EQ(unit_of(in_unit).owner.load(), owner);
    EXPECT_EQ(unit_of(in_unit).size_class, GetParam());
    EXPECT_EQ(span_of(in_unit), slab_);
  }
  EXPECT_EQ(owner_of(slab_), owner);
}

TEST_P(Slab, knows_the_number_of_every_block) {
  for (std::uint32_t i = 0; i < slab_->capacity; ++i)
    ASSERT_EQ(slab::index_of(slab_, block_at(i)), i);
}

TEST_P(Slab, hands_out_its_capacity_in_blocks_that_do_not_overlap) {
  std::vector<Block*> blocks;
  for (std::uint32_t step = 1; !slab::is_full(slab_); ++step) {
    const auto more = take(step % 100);
    blocks.insert(blocks.end(), more.begin(), more.end());
    ASSERT_EQ(slab_->used, blocks.size());
  }
  ASSERT_EQ(blocks.size(), slab_->capacity);
  EXPECT_EQ(set_bits(), slab_->capacity);
  for (std::size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(blocks[i], block_at(i));
  EXPECT_LE(offset(blocks.back(), slab_->block_bytes), slab_->start + slab_->bytes());
  EXPECT_TRUE(take(1).empty()) << "nothing is left";
}

TEST_P(Slab, writes_the_lowest_block_last_and_no_more_than_wanted) {
  Block* const untouched = reinterpret_cast<Block*>(0x5a5a);
  Block* into[8];
  std::fill(into, into + 8, untouched);
  ASSERT_EQ(slab::take(slab_, into, 5), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(into[i], block_at(4 - i));
  EXPECT_EQ(std::count(into, into + 8, untouched), 3);
  EXPECT_EQ(slab::take(slab_, into, 0), 0u);
  EXPECT_EQ(slab_->used, 5);
}

TEST_P(Slab, hands_out_again_what_came_back_the_lowest_first) {
  const auto blocks = take_all();
  std::vector<Block*> given;
  for (std::size_t i = 0; i < blocks.size(); i += i % 7 == 0 ? 3 : 5) given.push_back(blocks[i]);
  for (auto at = given.rbegin(); at != given.rend(); ++at) slab::give(slab_, *at);
  EXPECT_EQ(slab_->used, blocks.size() - given.size());
  EXPECT_EQ(set_bits(), slab_->used);
  for (Block* block : given) EXPECT_FALSE(slab::is_taken(slab_, slab::index_of(slab_, block)));
  EXPECT_EQ(take_all(), given);
  EXPECT_TRUE(slab::is_full(slab_));
}

TEST_P(Slab, counts_anew_what_a_lost_thread_left) {
  const auto blocks = take(slab_->capacity / 2);
  slab::give(slab_, blocks.front());
  const std::uint16_t used = slab_->used;
  for (const std::uint16_t damaged : {std::uint16_t{0}, slab_->capacity, std::uint16_t{0xffff}}) {
    slab_->used = damaged;
    slab::recount(slab_);
    EXPECT_EQ(slab_->used, used);
  }
  EXPECT_EQ(take_all().size(), slab_->capacity - used) << "and hands out the rest";
  slab_->used = 1;
  slab::recount(slab_);
  EXPECT_TRUE(slab::is_full(slab_));
}

INSTANTIATE_TEST_SUITE_P(AllClasses, Slab, testing::Range(0u, kClasses));

using SomeSlab = Slab;

std::vector<std::uint8_t> residency(const Span* slab) {
  std::vector<std::uint8_t> pages(slab->bytes() / kPageBytes);
  EXPECT_EQ(mincore(slab->start, slab->bytes(), pages.data()), 0);
  for (std::uint8_t& page : pages) page &= 1;
  return pages;
}

TEST_P(SomeSlab, has_no_resident_page_until_a_block_is_written) {
  span_heap::give(slab_);
  span_heap::release_all();
  slab_ = span_heap::take(slab_units(GetParam()));
  ASSERT_TRUE(slab_->zero);
  slab::make(slab_, GetParam(), nullptr);
  const auto blocks = take_all();
  for (std::size_t i = 0; i < blocks.size(); i += 2) slab::give(slab_, blocks[i]);
  auto pages = residency(slab_);
  EXPECT_EQ(std::count(pages.begin(), pages.end(), 1), 0);
  blocks[1]->next = nullptr;
  pages = residency(slab_);
  EXPECT_EQ(std::count(pages.begin(), pages.end(), 1), 1);
}

// Takes and fills all blocks, gives all but every `stride`-th back.
class PurgedSlab : public Slab {
 protected:
  void fill_and_free(std::size_t stride) {
    memset(slab_->start, 0x5a, slab_->bytes());
    const auto blocks = take_all();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % stride == stride / 2) used_.insert(blocks[i]);
      else slab::give(slab_, blocks[i]);
    }
  }

  void expect_nothing_is_lost() {
    EXPECT_EQ(slab_->used, used_.size());
    EXPECT_EQ(set_bits(), used_.size());
    const std::string filled(slab_->block_bytes, 0x5a);
    for (Block* block : used_) EXPECT_EQ(memcmp(block, filled.data(), filled.size()), 0);
    for (Block* block : take_all()) EXPECT_TRUE(used_.insert(block).second);
    EXPECT_EQ(used_.size(), slab_->capacity);
  }

  void give_all() {
    for (Block* block : used_) slab::give(slab_, block);
    used_.clear();
  }

  // Whether a block in use lies in the page at a distance, wholly or in part.
  bool is_touched(std::size_t page) const {
    for (std::size_t at = page - page % slab_->block_bytes; at < page + kPageBytes;
         at += slab_->block_bytes) {
      if (used_.count(reinterpret_cast<Block*>(slab_->start + at)) != 0) return true;
    }
    return false;
  }

  bool reads_as_zero(std::size_t page) const {
    const std::string zeros(kPageBytes, 0);
    return memcmp(slab_->start + page, zeros.data(), kPageBytes) == 0;
  }

  std::set<Block*> used_;
};

TEST_P(PurgedSlab, gives_back_exactly_the_pages_that_no_block_in_use_touches) {
  for (const std::size_t stride : {1, 2, 3, 5, 64, 300, 4096}) {
    if (stride > slab_->capacity) continue;
    fill_and_free(stride);
    slab::purge(slab_);
    const auto pages = residency(slab_);
    for (std::size_t page = 0; page < slab_->bytes(); page += kPageBytes) {
      ASSERT_EQ(pages[page / kPageBytes] != 0, is_touched(page)) << stride << " at " << page;
      ASSERT_EQ(!reads_as_zero(page), is_touched(page)) << stride << " at " << page;
    }
    expect_nothing_is_lost();
    give_all();
  }
}

TEST_P(PurgedSlab, gives_all_its_pages_back_when_no_block_is_used) {
  fill_and_free(slab_->capacity);
  give_all();
  slab::purge(slab_);
  const auto pages = residency(slab_);
  EXPECT_EQ(std::count(pages.begin(), pages.end(), 1), 0);
  expect_nothing_is_lost();
}

TEST_P(PurgedSlab, makes_one_call_for_each_run_of_pages) {
  fill_and_free(slab_->capacity);
  const std::uint64_t before = fake_os.calls;
  slab::purge(slab_);
  EXPECT_LE(fake_os.calls - before, 2u);
  expect_nothing_is_lost();
}

TEST_P(PurgedSlab, can_be_purged_again_and_again_between_uses) {
  fill_and_free(slab_->capacity);
  for (std::uint32_t i = 0; i < slab_->capacity / 2u; ++i) {
    Block* block = take(1).front();
    memset(block, 0x5a, slab_->block_bytes);
    if (i % 3 == 0) used_.insert(block);
    else slab::give(slab_, block);
    if (i % 16 == 0) slab::purge(slab_);
  }
  slab::purge(slab_);
  slab::purge(slab_);
  expect_nothing_is_lost();
}

TEST_P(PurgedSlab, loses_nothing_when_the_system_refuses) {
  for (int refused = 1; refused < 4; ++refused) {
    for (const bool for_good : {false, true}) {
      fill_and_free(slab_->capacity / 2);
      fake_os.fail_at(static_cast<std::uint64_t>(refused), for_good);
      slab::purge(slab_);
      fake_os.recover();
      expect_nothing_is_lost();
      give_all();
    }
  }
}

constexpr unsigned kSome[] = {0, 1, 7, 20, 40, 55, 56, kClasses - 1};

INSTANTIATE_TEST_SUITE_P(Classes, SomeSlab, testing::ValuesIn(kSome));
INSTANTIATE_TEST_SUITE_P(Classes, PurgedSlab, testing::ValuesIn(kSome));

}  // namespace
}  // namespace reference
