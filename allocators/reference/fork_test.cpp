#include "fork.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <latch>
#include <set>
#include <thread>
#include <vector>

#include "allocate.h"
#include "cache_registry.h"
#include "fake_os.h"

namespace reference {
namespace {

// Exit code of a child, -1 when a signal ended it.
int code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs work in a child, which is ended when a lock left held hangs it. Returns what it returns.
template <typename Work>
int in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(work());
  }
  return code_of(child);
}

// A thread that took blocks, freed every other one, and lives on.
class OtherThread {
 public:
  explicit OtherThread(std::size_t count) : blocks_(count) {
    while (!is_ready_) usleep(1000);
  }
  ~OtherThread() {
    stop_ = true;
    thread_.join();
    for (std::size_t i = 1; i < blocks_.size(); i += 2) deallocate(blocks_[i]);
    release_free_memory();
  }

  std::vector<char*>& blocks() { return blocks_; }

 private:
  void live() {
    for (char*& block : blocks_) *(block = static_cast<char*>(allocate(64))) = 1;
    for (std::size_t i = 0; i < blocks_.size(); i += 2) deallocate(blocks_[i]);
    is_ready_ = true;
    while (!stop_) usleep(1000);
  }

  std::vector<char*> blocks_;
  std::atomic<bool> is_ready_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_{[this] { live(); }};
};

// Takes as many blocks as the other thread freed, in their places. Returns whether the heap grew by
// more than a segment.
bool grows_to_replace_freed(std::vector<char*>& blocks) {
  const std::size_t before = fake_os.mapped_bytes;
  for (std::size_t i = 0; i < blocks.size(); i += 2)
    memset(blocks[i] = static_cast<char*>(allocate(64)), 2, 64);
  return fake_os.mapped_bytes > before + kSegmentBytes;
}

// In the child of a threaded parent. ThreadSanitizer cannot start threads there ("dup thread with
// used id"): under it, this thread does the work.
void in_another_thread(void (*work)()) {
#ifdef __SANITIZE_THREAD__
  work();
#else
  std::thread(work).join();
#endif
}

TEST(Fork, the_child_of_a_multi_threaded_parent_can_allocate_and_free) {
  std::atomic<bool> stop = false;
  // AddressSanitizer allocates while it starts a thread and leaves its locks held across fork.
  std::latch have_started(3);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&stop, &have_started, t] {
      have_started.count_down();
      for (std::size_t i = t; !stop; ++i) {
        void* block = allocate(i * 97 % 300'000);
        deallocate(block);
      }
    });
  }
  void* inherited = allocate(1000);
  have_started.wait();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(in_child([inherited] {
                deallocate(inherited);
                for (std::size_t bytes = 1; bytes < 8'000'000; bytes *= 3)
                  deallocate(allocate(bytes));
                in_another_thread([] { deallocate(allocate(100)); });
                release_free_memory();
                return 0;
              }),
              0);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  deallocate(inherited);
}

TEST(Fork, the_child_uses_what_other_threads_had_free) {
  OtherThread other(400'000);
  EXPECT_EQ(in_child([&blocks = other.blocks()] {
              if (grows_to_replace_freed(blocks)) return 1;
              in_another_thread([] {  // in the cache of the one that is gone
                std::vector<void*> more(100'000);
                for (void*& block : more) memset(block = allocate(64), 3, 64);
                for (void* block : more) deallocate(block);
              });
              for (std::size_t i = 0; i < blocks.size(); ++i)
                if (*blocks[i] != (i % 2 == 0 ? 2 : 1)) return 2;
              for (char* block : blocks) deallocate(block);
              return 0;
            }),
            0);
}

// A daemon forks twice before it allocates.
TEST(Fork, the_child_of_a_child_still_finds_what_other_threads_had_free) {
  OtherThread other(400'000);
  EXPECT_EQ(in_child([&blocks = other.blocks()] {
              return in_child([&blocks] { return grows_to_replace_freed(blocks) ? 1 : 0; });
            }),
            0);
}

// The other thread could have been interrupted before it counted.
TEST(Fork, the_child_does_not_trust_the_counts_of_other_threads) {
  OtherThread other(5000);
  EXPECT_EQ(in_child([&blocks = other.blocks()] {
              for (char* block : blocks) span_of(block)->used = 0x7fff;
              release_free_memory();  // looks for what the orphans had
              std::set<Span*> slabs;
              for (char* block : blocks) slabs.insert(span_of(block));
              for (Span* slab : slabs) {
                const std::uint16_t used = slab->used;
                slab::recount(slab);
                if (slab->used != used) return 1;
              }
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace reference
