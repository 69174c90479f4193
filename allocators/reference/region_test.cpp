#include "region.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#include "pmr.h"

namespace {

class Region : public testing::Test {
 protected:
  ~Region() override { region_destroy(region_); }
  region* region_ = region_create(4096);
};

TEST_F(Region, blocks_do_not_overlap_and_are_aligned) {
  char* previous = nullptr;
  for (std::size_t i = 0; i < 5000; ++i) {
    const std::size_t alignment = std::size_t{1} << i % 13;
    auto* block = static_cast<char*>(region_alloc(region_, i % 300, alignment));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
    memset(block, static_cast<int>(i), i % 300);
    if (previous != nullptr && i % 300 > 1) {
      ASSERT_EQ(*previous, static_cast<char>(i - 1));
    }
    previous = block;
  }
}

TEST_F(Region, the_default_alignment_suits_every_type) {
  region_alloc(region_, 1, 1);
  EXPECT_EQ(
      reinterpret_cast<std::uintptr_t>(region_alloc(region_, 8, 0)) % alignof(std::max_align_t),
      0u);
}

TEST_F(Region, reset_frees_all_and_keeps_memory_for_the_next_blocks) {
  for (int i = 0; i < 1000; ++i) region_alloc(region_, 1000, 0);
  region_reset(region_);
  const std::size_t reserved = region_reserved_bytes(region_);
  EXPECT_GT(reserved, 0u);
  for (int i = 0; i < 200; ++i) region_alloc(region_, 1000, 0);
  EXPECT_EQ(region_reserved_bytes(region_), reserved) << "the largest chunk holds them";
}

TEST_F(Region, a_block_larger_than_any_chunk_is_served) {
  auto* block = static_cast<char*>(region_alloc(region_, 50 << 20, 0));
  ASSERT_NE(block, nullptr);
  block[(50 << 20) - 1] = 1;
}

TEST_F(Region, bad_requests_say_why) {
  errno = 0;
  EXPECT_EQ(region_alloc(region_, 1, 3), nullptr);
  EXPECT_EQ(errno, EINVAL);
  errno = 0;
  EXPECT_EQ(region_alloc(region_, SIZE_MAX, 0), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  errno = 0;
  EXPECT_EQ(region_alloc(region_, std::size_t{PTRDIFF_MAX}, 64), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(RegionApi, nothing_can_be_destroyed) { region_destroy(nullptr); }

TEST(RegionResource, serves_containers) {
  reference::RegionResource pool;
  {
    std::pmr::map<int, std::pmr::string> map(&pool);
    for (int i = 0; i < 1000; ++i)
      map.emplace(i, std::string(100, static_cast<char>('a' + i % 26)));
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(map.at(i)[99], 'a' + i % 26);
  }
  pool.reset();
  EXPECT_GT(pool.reserved_bytes(), 0u);
}

TEST(RegionResource, throws_when_memory_is_exhausted) {
  reference::RegionResource pool;
  EXPECT_THROW((void)pool.allocate(std::size_t{PTRDIFF_MAX}), std::bad_alloc);
}

TEST(RegionResource, is_equal_only_to_itself) {
  reference::RegionResource first, second;
  EXPECT_TRUE(first == first);
  EXPECT_FALSE(first == second);
}

}  // namespace
