// Each finding ends its process, so each runs in one of its own, started with the check level in
// its environment.
#include "check.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "allocate.h"

namespace reference {
namespace {

class Check : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    setenv("ALLOCLAB_CHECK", GetParam(), 1);
  }
  void TearDown() override { unsetenv("ALLOCLAB_CHECK"); }
};

using BothLevels = Check;

char* block_of(std::size_t bytes) { return static_cast<char*>(allocate(bytes)); }

// Sizes of a slab block, a large block and a direct block.
constexpr std::size_t kSizes[] = {40, 200'000, 5'000'000};

TEST_P(BothLevels, a_second_free_is_caught) {
  for (const std::size_t bytes : kSizes) {
    EXPECT_DEATH(
        {
          char* block = block_of(bytes);
          deallocate(block);
          deallocate(block);
        },
        "alloclab reference: .*(twice|not a block)");
  }
}

TEST_P(BothLevels, a_second_free_after_others_is_caught) {
  EXPECT_DEATH(
      {
        char* first = block_of(40);
        char* second = block_of(40);
        deallocate(first);
        deallocate(second);
        deallocate(first);
      },
      "freed twice");
}

TEST_P(BothLevels, a_free_inside_a_block_is_caught) {
  for (const std::size_t bytes : kSizes) {
    EXPECT_DEATH(deallocate(block_of(bytes) + 16), "not the start of a block");
  }
}

TEST_P(BothLevels, a_free_of_an_unaligned_address_is_caught) {
  for (const std::size_t bytes : kSizes) {
    EXPECT_DEATH(deallocate(block_of(bytes) + 8), "not the start of a block");
  }
}

TEST_P(BothLevels, a_free_of_a_place_no_block_was_cut_from_is_caught) {
  EXPECT_DEATH(deallocate(start_of(span_of(block_of(40))) + 48 * 1000), "not the start of a block");
  EXPECT_DEATH(deallocate(segment_of(block_of(40))->units + 2), "alloclab reference: ");
}

TEST_P(BothLevels, the_second_free_of_two_threads_is_caught) {
  EXPECT_DEATH(
      {
        char* block = block_of(40);
        std::thread(deallocate, block).join();
        deallocate(block);
      },
      "freed twice");
  EXPECT_DEATH(
      {
        char* block = block_of(40);
        std::thread(deallocate, block).join();
        std::thread(deallocate, block).join();
      },
      "freed twice");
}

TEST_P(BothLevels, a_block_freed_twice_is_not_resized_nor_measured) {
  for (const std::size_t bytes : kSizes) {
    EXPECT_DEATH(
        {
          char* block = block_of(bytes);
          deallocate(block);
          reallocate(block, 2 * bytes);
        },
        "alloclab reference: .*(twice|not a block)");
    EXPECT_DEATH(
        {
          char* block = block_of(bytes);
          deallocate(block);
          usable_bytes(block);
        },
        "alloclab reference: .*(twice|not a block)");
  }
}

TEST_P(BothLevels, a_free_of_what_was_never_a_block_is_caught) {
  int local = 0;
  int* volatile not_a_block = &local;
  EXPECT_DEATH(
      {
        block_of(1);
        deallocate(not_a_block);
      },
      "not a block of this allocator");
  EXPECT_DEATH(
      {
        block_of(1);
        deallocate(reinterpret_cast<void*>(0x123456789a0));
      },
      "not a block of this allocator");
}

TEST_P(BothLevels, a_write_to_the_link_of_a_free_block_is_caught) {
  EXPECT_DEATH(
      {
        char* first = block_of(40);
        char* second = block_of(40);
        deallocate(first);
        deallocate(second);
        memset(second, 0x41, 8);
        for (int i = 0; i < 2000; ++i) block_of(40);
        release_free_memory();
      },
      "alloclab reference: .*(broken free list|written to)");
}

TEST_P(BothLevels, a_write_behind_the_link_of_a_free_block_is_caught) {
  EXPECT_DEATH(
      {
        char* block = block_of(40);
        deallocate(block);
        memset(block, 0x41, 16);
        for (int i = 0; i < 2000; ++i) block_of(40);
        release_free_memory();
      },
      "alloclab reference: .*(free|written)");
}

// Frees blocks in another thread, so that they are on their way home, and writes to each.
void write_to_travelling_blocks(std::size_t first, std::size_t end) {
  std::vector<char*> blocks(100);
  for (char*& block : blocks) block = block_of(1000);
  std::thread([&blocks] {
    for (char* block : blocks) deallocate(block);
  }).join();
  for (char* block : blocks) memset(block + first, 0x41, end - first);
  for (int i = 0; i < 2000; ++i) block_of(1000);
  release_free_memory();
}

TEST_P(BothLevels, a_write_to_the_link_of_a_travelling_block_is_caught) {
  EXPECT_DEATH(write_to_travelling_blocks(0, 8), "alloclab reference: .*written to");
}

TEST_P(BothLevels, a_write_behind_the_mark_of_a_travelling_block_is_caught_or_harmless) {
  EXPECT_EXIT(
      {
        write_to_travelling_blocks(16, 1000);
        fprintf(stderr, "harmless");
        abort();
      },
      testing::KilledBySignal(SIGABRT), "alloclab reference: .*written to|harmless");
}

TEST_P(BothLevels, a_correct_program_is_left_alone) {
  EXPECT_EXIT(
      {
        for (int round = 0; round < 20; ++round) {
          for (std::size_t bytes = 0; bytes < 3'000'000; bytes = bytes * 3 / 2 + 1) {
            char* block = static_cast<char*>(allocate_aligned(std::size_t{1} << round, bytes));
            memset(block, 1, usable_bytes(block));
            block = static_cast<char*>(reallocate(block, bytes + 100));
            memset(block, 2, bytes + 100);
            deallocate(block);
          }
        }
        release_free_memory();
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Levels, BothLevels, testing::Values("1", "2"));

class FullCheck : public Check {};

TEST_P(FullCheck, a_write_past_the_end_is_caught_at_the_byte) {
  for (const std::size_t bytes :
       {std::size_t{1}, std::size_t{39}, std::size_t{40}, std::size_t{200'000}}) {
    EXPECT_DEATH(
        {
          char* block = block_of(bytes);
          block[bytes] = 1;
          deallocate(block);
        },
        "written past its end");
  }
}

TEST_P(FullCheck, a_guard_page_stops_a_run_past_a_large_block) {
  EXPECT_EXIT(memset(block_of(200'000), 1, 300'000), testing::KilledBySignal(SIGSEGV), "");
}

TEST_P(FullCheck, a_write_after_free_is_caught_when_quarantine_ends) {
  EXPECT_DEATH(
      {
        char* block = block_of(400);
        deallocate(block);
        block[300] = 1;
        release_free_memory();
      },
      "written to after free");
}

TEST_P(FullCheck, the_usable_size_is_what_was_asked_for) {
  EXPECT_EXIT(
      _exit(usable_bytes(block_of(33)) == 33 && usable_bytes(block_of(200'001)) == 200'001 ? 0 : 1),
      testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Levels, FullCheck, testing::Values("2"));

}  // namespace
}  // namespace reference
