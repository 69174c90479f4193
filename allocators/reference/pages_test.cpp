#include "pages.h"

#include <gtest/gtest.h>

#include <cstring>

#include "bits.h"
#include "fake_os.h"
#include "os.h"

namespace reference {
namespace {

constexpr std::size_t kBytes = 64 << 10;

char* reserve_committed(std::size_t bytes, std::size_t alignment) {
  auto* start = static_cast<char*>(pages::reserve(bytes, alignment, 0, Source::mmap));
  EXPECT_TRUE(start != nullptr && pages::commit(start, bytes));
  return start;
}

TEST(Pages, a_reservation_starts_at_the_alignment) {
  for (std::size_t alignment = kPageBytes; alignment <= (std::size_t{1} << 30); alignment *= 4) {
    void* start = pages::reserve(kBytes, alignment, 0, Source::mmap);
    EXPECT_EQ(address_of(start) % alignment, 0u);
    EXPECT_TRUE(pages::release(start, kBytes));
  }
}

TEST(Pages, the_lead_shifts_the_aligned_place) {
  constexpr std::size_t kAlignment = 16 << 20;
  void* start = pages::reserve(8 << 20, kAlignment, 4 << 20, Source::mmap);
  EXPECT_EQ((address_of(start) + (4 << 20)) % kAlignment, 0u);
  EXPECT_TRUE(pages::release(start, 8 << 20));
}

TEST(Pages, reserving_and_releasing_leaves_nothing_mapped) {
  const std::size_t before = fake_os.mapped_bytes;
  void* start = pages::reserve(kBytes, 32 << 20, 0, Source::mmap);
  EXPECT_EQ(fake_os.mapped_bytes - before, kBytes);
  pages::release(start, kBytes);
  EXPECT_EQ(fake_os.mapped_bytes, before);
}

TEST(Pages, committed_and_purged_pages_are_zero) {
  char* start = reserve_committed(kBytes, kPageBytes);
  EXPECT_EQ(start[kBytes - 1], 0);
  memset(start, 1, kBytes);
  EXPECT_TRUE(pages::purge(start, kBytes));
  EXPECT_EQ(start[0], 0);
  EXPECT_EQ(start[kBytes - 1], 0);
  pages::release(start, kBytes);
}

TEST(Pages, moving_keeps_the_content) {
  char* start = reserve_committed(2 * kBytes, kPageBytes);  // the second half is in the way
  start[kBytes - 1] = 7;
  EXPECT_EQ(pages::resize(start, kBytes, 4 * kBytes, 4 << 20, false), nullptr);
  EXPECT_EQ(start[kBytes - 1], 7);
  auto* moved = static_cast<char*>(pages::resize(start, kBytes, 4 * kBytes, 4 << 20, true));
  ASSERT_NE(moved, nullptr);
  EXPECT_NE(moved, start);
  EXPECT_EQ(address_of(moved) % (4 << 20), 0u);
  EXPECT_EQ(moved[kBytes - 1], 7);
  EXPECT_EQ(moved[4 * kBytes - 1], 0);
  pages::release(moved, 4 * kBytes);
  pages::release(start + kBytes, kBytes);
}

TEST(Pages, a_mapping_shrinks_in_place) {
  const std::size_t before = fake_os.mapped_bytes;
  char* start = reserve_committed(2 * kBytes, kPageBytes);
  EXPECT_EQ(pages::resize(start, 2 * kBytes, kBytes, kPageBytes, false), start);
  EXPECT_EQ(fake_os.mapped_bytes - before, kBytes);
  pages::release(start, kBytes);
}

TEST(Pages, a_mapping_that_cannot_move_stays_as_it_was) {
  char* start = reserve_committed(2 * kBytes, kPageBytes);
  start[0] = 7;
  const std::size_t before = fake_os.mapped_bytes;
  for (std::uint64_t n = 1; n <= 2; ++n) {
    fake_os.fail_at(n, true);
    EXPECT_EQ(pages::resize(start, kBytes, 4 * kBytes, 4 << 20, true), nullptr);
    fake_os.recover();
    EXPECT_EQ(fake_os.mapped_bytes, before);
    EXPECT_EQ(start[0], 7);
  }
  pages::release(start, 2 * kBytes);
}

TEST(Pages, a_map_that_cannot_be_committed_is_given_back) {
  const std::size_t before = fake_os.mapped_bytes;
  fake_os.fail_at(2, false);
  EXPECT_EQ(pages::map(kBytes, kBytes, kPageBytes, 0, Source::mmap), nullptr);
  fake_os.recover();
  EXPECT_EQ(fake_os.mapped_bytes, before);
}

TEST(Pages, what_is_dropped_and_not_taken_is_stranded) {
  char* start = reserve_committed(kBytes, kPageBytes);
  start[0] = 7;
  const std::size_t before = pages::stranded_bytes();
  fake_os.fail_at(1, false);
  pages::drop(start, kBytes);
  fake_os.recover();
  EXPECT_EQ(pages::stranded_bytes() - before, kBytes);
  EXPECT_EQ(start[0], 0) << "purged";
}

TEST(Pages, memory_from_brk_is_given_back_from_the_top) {
  void* lower = pages::reserve(4 << 20, 4 << 20, 0, Source::brk);
  void* upper = pages::reserve(4 << 20, 4 << 20, 0, Source::brk);
  ASSERT_EQ(offset(lower, 4 << 20), upper);
  EXPECT_TRUE(pages::commit(upper, kBytes));
  *static_cast<char*>(upper) = 1;
  EXPECT_FALSE(pages::release(lower, 4 << 20)) << "not at the top";
  EXPECT_TRUE(pages::release(upper, 4 << 20));
  EXPECT_TRUE(pages::release(lower, 4 << 20));
}

TEST(Pages, every_failing_call_is_reported_and_leaves_nothing_behind) {
  const std::size_t before = fake_os.mapped_bytes;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    fake_os.fail_at(n, true);
    void* start = pages::reserve(kBytes, kPageBytes, 0, Source::mmap);
    const bool committed = start != nullptr && pages::commit(start, kBytes);
    EXPECT_FALSE(start != nullptr && committed && n <= 2);
    fake_os.recover();
    if (start != nullptr) pages::release(start, kBytes);
  }
  EXPECT_EQ(fake_os.mapped_bytes, before);
}

}  // namespace
}  // namespace reference
