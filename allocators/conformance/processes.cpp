// fork: parent and child both go on with a heap that is whole, whatever other threads were doing.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "allocators/conformance/check.h"

namespace conformance {
namespace {

constexpr unsigned kChildSeconds = 10;  // a child that waits for a lock is ended by SIGALRM

void work() {
  void* blocks[200];
  for (std::size_t i = 0; i < std::size(blocks); ++i) blocks[i] = filled_malloc(1 + i * 37);
  for (std::size_t i = 0; i < std::size(blocks); ++i) checked_free(blocks[i], 1 + i * 37);
  checked_free(filled_malloc(1 << 20), 1 << 20);
}

template <class Body>
void in_child(Body body) {
  const pid_t child = fork();
  require(child >= 0, "fork failed");
  if (child == 0) {
    alarm(kChildSeconds);
    body();
    _exit(0);
  }
  int status = 0;
  require(waitpid(child, &status, 0) == child, "waitpid failed");
  require(WIFEXITED(status), "the child of fork was ended by signal %d", WTERMSIG(status));
  require(WEXITSTATUS(status) == 0, "the child of fork failed");
}

void the_child_of_a_single_thread_may_allocate_and_free() {
  void* inherited = filled_malloc(12345);
  for (int round = 0; round < 20; ++round) {
    in_child([inherited] {
      work();
      checked_free(inherited, 12345);
      work();
    });
    work();
  }
  checked_free(inherited, 12345);
}
LAB_REGISTER_CHECK(the_child_of_a_single_thread_may_allocate_and_free);

// Keeps threads allocating for as long as it lives.
class BusyThreads {
 public:
  explicit BusyThreads(int count) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this] {
        while (!stop_) work();
      });
  }
  ~BusyThreads() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

void the_child_of_a_multi_threaded_parent_may_allocate_and_free() {
  const BusyThreads busy(3);
  for (int round = 0; round < 50; ++round) in_child(work);
}
LAB_REGISTER_CHECK(the_child_of_a_multi_threaded_parent_may_allocate_and_free);

void the_child_of_a_multi_threaded_parent_may_start_threads() {
  const BusyThreads busy(2);
  for (int round = 0; round < 25; ++round)
    in_child([] {
      std::thread one(work), other(work);
      one.join();
      other.join();
    });
}
LAB_REGISTER_CHECK(the_child_of_a_multi_threaded_parent_may_start_threads);

void a_child_may_free_what_other_threads_of_the_parent_allocated() {
  void* blocks[100];
  std::thread([&blocks] {
    for (void*& block : blocks) block = filled_malloc(2000);
  }).join();
  in_child([&blocks] {
    for (void* block : blocks) checked_free(block, 2000);
    work();
  });
  for (void* block : blocks) checked_free(block, 2000);
}
LAB_REGISTER_CHECK(a_child_may_free_what_other_threads_of_the_parent_allocated);

}  // namespace
}  // namespace conformance
