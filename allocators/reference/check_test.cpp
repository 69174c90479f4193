// Each finding ends its process, so each runs in one of its own, started with the check level in
// its environment.
#include "check.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <thread>
#include <vector>

#include "allocate.h"
#include "used_map.h"

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

// More than a bin and the quarantine hold.
std::vector<char*> freed_blocks(std::size_t bytes) {
  std::vector<char*> blocks(3000);
  for (char*& block : blocks) block = block_of(bytes);
  for (char* block : blocks) deallocate(block);
  return blocks;
}

TEST_P(BothLevels, a_second_free_of_a_block_at_home_in_its_slab_is_caught) {
  for (const std::size_t bytes : {16, 40, 1000, 5000}) {
    for (const double place : {0.0, 0.3, 0.6, 0.999}) {
      EXPECT_DEATH(
          {
            const auto blocks = freed_blocks(bytes);
            deallocate(blocks[static_cast<std::size_t>(place * 3000)]);
          },
          "alloclab reference: .*(twice|not in use|not the start)");
    }
  }
}

// Frees blocks in a thread that lives on; into its bin if that is open.
class Freeing {
 public:
  Freeing(std::vector<char*> blocks, bool opens_bin)
      : thread_([this, blocks, opens_bin] {
          if (opens_bin) deallocate(block_of(40));
          for (char* block : blocks) deallocate(block);
          is_done_.count_down();
          may_end_.wait();
        }) {
    is_done_.wait();
  }
  ~Freeing() {
    may_end_.count_down();
    thread_.join();
  }

 private:
  std::latch is_done_{1}, may_end_{1};
  std::thread thread_;
};

TEST_P(BothLevels, a_second_free_of_a_block_another_thread_holds_is_caught) {
  for (const bool opens_bin : {false, true}) {
    EXPECT_DEATH(
        {
          char* block = block_of(40);
          const Freeing other({block}, opens_bin);
          deallocate(block);
        },
        "freed twice");
  }
}

TEST_P(BothLevels, a_second_free_of_a_block_under_way_is_caught) {
  for (const std::size_t index : {0, 20, 99, 199}) {
    EXPECT_DEATH(
        {
          std::vector<char*> blocks(200);
          for (char*& block : blocks) block = block_of(40);
          const Freeing other(blocks, false);
          deallocate(blocks[index]);
        },
        "freed twice");
  }
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
  EXPECT_DEATH(deallocate(span_of(block_of(40))->start + 48 * 1000), "not the start of a block");
  EXPECT_DEATH(deallocate(segment_of(block_of(40))->units + 2), "alloclab reference: ");
}

TEST_P(BothLevels, a_free_of_a_place_in_a_thread_cache_is_caught) {
  EXPECT_DEATH(
      {
        block_of(40);
        deallocate(reinterpret_cast<char*>(cache_registry::of_this_thread()) + 4096);
      },
      "not the start of a block");
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

TEST_P(BothLevels, a_write_to_a_block_in_a_bin_is_caught_when_it_is_handed_out) {
  for (const std::size_t word : {0, 1}) {
    for (const std::size_t bytes : {16, 40, 1000, 5000, 60'000}) {
      EXPECT_DEATH(
          {
            char* block = block_of(bytes);
            deallocate(block);
            block[8 * word] ^= 1;
            release_free_memory();  // ends the quarantine as well
            for (int i = 0; i < 100; ++i) block_of(bytes);
          },
          "alloclab reference: .*written to");
    }
  }
}

// While other blocks of its slab are in use: what empty slabs leave is unmarked memory.
TEST_P(BothLevels, a_write_to_a_block_at_home_in_its_slab_is_caught) {
  for (const std::size_t bytes : {16, 40, 1000, 5000}) {
    EXPECT_DEATH(
        {
          std::vector<char*> blocks(6000);
          for (char*& block : blocks) block = block_of(bytes);
          for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (i % 5 != 0) deallocate(blocks[i]);
          }
          memset(blocks[2001], 0x41, 16);
          for (int i = 0; i < 10'000; ++i) block_of(bytes);
        },
        "alloclab reference: .*written to");
  }
}

TEST_P(BothLevels, a_write_to_a_foreign_block_in_a_bin_is_caught) {
  EXPECT_DEATH(
      {
        std::vector<char*> blocks(10);
        for (char*& block : blocks) block = block_of(40);
        {
          const Freeing other(blocks, true);
          memset(blocks[5], 0x41, 16);
        }
        for (int i = 0; i < 2000; ++i) block_of(40);
        release_free_memory();
      },
      "alloclab reference: .*written to");
}

// The level's fast paths serve a thread, if it has any, and those of level 0 never do.
bool has_fast_paths_of(int level) {
  deallocate(block_of(40));
  return fast_cache == &no_cache && (checked_cache != &no_cache) == (level == 1);
}

// The destructor of a thread-local object that runs after the thread's cache was parked.
void use_late(void* round) {
  static const pthread_key_t key = [] {
    pthread_key_t created;
    pthread_key_create(&created, use_late);
    return created;
  }();
  static int rounds = 0;
  if (round != nullptr && ++rounds == 3) {
    char* block = block_of(40);
    const bool has_none = fast_cache == &no_cache && checked_cache == &no_cache;
    deallocate(block);
    _exit(has_none ? 0 : 1);
  }
  pthread_setspecific(key, &rounds);
}

TEST_P(BothLevels, a_thread_without_a_cache_has_no_fast_paths) {
  EXPECT_EXIT(
      {
        std::thread([] {
          deallocate(block_of(40));
          use_late(nullptr);
        }).join();
        _exit(2);
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(BothLevels, every_thread_has_the_fast_paths_of_the_level) {
  EXPECT_EXIT(
      {
        const int level = *GetParam() - '0';
        bool has = has_fast_paths_of(level);
        for (int i = 0; i < 3; ++i)
          std::thread([&] { has = has_fast_paths_of(level) && has; }).join();
        _exit(has ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// Runs in the child of a process with a second thread that holds blocks.
int exit_code_of_fork(void (*in_child)(const std::vector<char*>& freed, char* live)) {
  std::vector<char*> blocks(100);
  for (char*& block : blocks) block = block_of(40);
  char* live = block_of(40);
  const Freeing other(blocks, true);
  const pid_t child = fork();
  if (child == 0) {
    in_child(blocks, live);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_P(BothLevels, the_child_of_a_fork_is_checked_and_left_alone_when_correct) {
  EXPECT_EXIT(_exit(exit_code_of_fork([](const std::vector<char*>&, char* live) {
                const bool is_level_1 = knobs.check_level == 1;
                if (!has_fast_paths_of(is_level_1 ? 1 : 2)) _exit(1);
                deallocate(live);
                std::vector<char*> more(5000);
                for (char*& block : more) memset(block = block_of(40), 1, 40);
                for (char* block : more) deallocate(block);
                release_free_memory();
              })),
              testing::ExitedWithCode(0), "");
}

TEST_P(BothLevels, what_was_freed_before_a_fork_is_caught_in_the_child) {
  EXPECT_EXIT(_exit(exit_code_of_fork(
                  [](const std::vector<char*>& freed, char*) { deallocate(freed[50]); })),
              testing::ExitedWithCode(128 + SIGABRT), "freed twice");
  EXPECT_EXIT(_exit(exit_code_of_fork([](const std::vector<char*>&, char* live) {
                deallocate(live);
                deallocate(live);
              })),
              testing::ExitedWithCode(128 + SIGABRT), "freed twice");
}

// Ends the child of a test with the line that does not hold.
void hold(bool holds, int line) {
  if (holds) return;
  fprintf(stderr, "line %d does not hold\n", line);
  _exit(1);
}

void use_map() {
  char* first = block_of(16);
  char* second = block_of(16);
  hold(used_map::is_set(first) && used_map::is_set(second), __LINE__);
  deallocate(first);
  hold(!used_map::is_set(first) && used_map::is_set(second), __LINE__);
  hold(used_map::claim(second), __LINE__);
  hold(!used_map::claim(second), __LINE__);
  used_map::set(second);
  char* long_block = block_of(100);
  for (int at = 16; at < 100; at += 16) hold(!used_map::is_set(long_block + at), __LINE__);
  for (int at = 1; at < 16; ++at)
    hold(used_map::grain_of(long_block + at) > used_map::grain_of(long_block) << 4, __LINE__);
  char* large = block_of(200'000);
  hold(used_map::is_set(large) && !used_map::is_set(large + kUnitBytes), __LINE__);
  for (char* block : {second, long_block, large}) {
    deallocate(block);
    hold(!used_map::is_set(block), __LINE__);
  }
}

// The bytes of a segment's map, by where the blocks are.
void count_map() {
  std::vector<char*> blocks;
  for (std::size_t bytes = 1; bytes < 100'000; bytes += bytes / 5 + 7)
    blocks.push_back(block_of(bytes));
  const auto set_bytes = [](Segment* segment) {
    const std::uint8_t* map = used_map::start_of_map(address_of(segment));
    std::size_t count = 0;
    for (std::size_t i = 0; i < used_map::kMapBytes; ++i) count += map[i];
    return count;
  };
  std::size_t expected = 0;
  Segment* segment = segment_of(blocks.front());
  for (char* block : blocks) expected += segment_of(block) == segment;
  hold(expected != 0 && set_bytes(segment) == expected, __LINE__);
  for (std::size_t i = 0; i < blocks.size(); i += 2) {
    deallocate(blocks[i]);
    expected -= segment_of(blocks[i]) == segment;
  }
  hold(set_bytes(segment) == expected, __LINE__);
  for (std::size_t i = 1; i < blocks.size(); i += 2) deallocate(blocks[i]);
  hold(set_bytes(segment) == 0, __LINE__);
}

TEST_P(BothLevels, the_map_has_a_byte_for_every_block_in_use_and_no_other) {
  EXPECT_EXIT((use_map(), count_map(), _exit(0)), testing::ExitedWithCode(0), "");
}

TEST_P(BothLevels, one_of_many_threads_claims_a_block) {
  EXPECT_EXIT(
      {
        char* block = block_of(40);
        for (int round = 0; round < 200; ++round) {
          used_map::set(block);
          std::atomic<int> claims = 0;
          std::vector<std::thread> threads;
          for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { claims += used_map::claim(block); });
          for (auto& thread : threads) thread.join();
          hold(claims == 1, __LINE__);
        }
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(BothLevels, threads_that_are_correct_are_left_alone) {
  EXPECT_EXIT(
      {
        deallocate(block_of(1));  // sets the allocator up, as pthread_create does elsewhere
        std::vector<std::thread> threads;
        std::vector<std::atomic<char*>> shared(500);
        for (unsigned t = 0; t < 3; ++t) {
          threads.emplace_back([&shared, t] {
            for (std::size_t i = 0; i < 50'000; ++i) {
              const std::size_t bytes = 16 + (i * 7 + t) % 2000;
              char* block = block_of(bytes);
              memset(block, 1, bytes);
              if (char* other = shared[(i * 13 + t) % shared.size()].exchange(block))
                deallocate(other);
            }
          });
        }
        for (auto& thread : threads) thread.join();
        for (auto& slot : shared) deallocate(slot.load());
        release_free_memory();
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(BothLevels, blocks_that_went_home_by_the_thousand_are_handed_out_again) {
  EXPECT_EXIT(
      {
        for (const std::size_t bytes : {16, 40, 1000, 5000}) {
          std::vector<char*> blocks(3000);
          for (int round = 0; round < 3; ++round) {
            for (char*& block : blocks) memset(block = block_of(bytes), 1 + round, bytes);
            for (std::size_t i = 0; i < blocks.size(); i += 1 + round % 2) deallocate(blocks[i]);
            if (round % 2 == 0) continue;
            for (std::size_t i = 1; i < blocks.size(); i += 2) {
              hold(blocks[i][bytes - 1] == 1 + round, __LINE__);
              deallocate(blocks[i]);
            }
          }
        }
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
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
