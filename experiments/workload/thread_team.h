// Threads that stand still between tasks, so that a body can mark while they are parked. The team
// itself takes nothing from the heap after its constructor (pthread_create allocates there: thread
// storage comes from libc and from the allocator under test). One owner thread; tasks must not
// throw.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>

namespace lab {

class ThreadTeam {
 public:
  static constexpr int kMostThreads = 256;
  static constexpr std::size_t kStackBytes = 256 * 1024;

  // Starts `threads` workers and returns when all are parked. Requires 1 … kMostThreads.
  explicit ThreadTeam(int threads) {
    for (int i = 0; i < threads; ++i) start();
  }
  // Ends and joins all workers. Call mark("end") before when their end is not part of the workload.
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  // Starts one more worker and returns when it is parked.
  void start();

  // Calls task(worker) once on every worker at the same time; returns when all are parked again.
  template <class Task>
  void run(const Task& task) {
    run_range(0, size_, &call<Task>, &task);
  }

  // Calls task(worker) on one worker alone.
  template <class Task>
  void run_on(int worker, const Task& task) {
    run_range(worker, worker + 1, &call<Task>, &task);
  }

 private:
  using Call = void (*)(const void* task, int worker);

  struct alignas(64) Worker {
    ThreadTeam* team;
    int index;
    pthread_t thread;
    std::atomic<int> turn{0};  // futex word: the worker sleeps until it changes
  };

  template <class Task>
  static void call(const void* task, int worker) {
    (*static_cast<const Task*>(task))(worker);
  }
  static void* work(void* worker);
  void run_range(int first, int last, Call function, const void* task);
  void wait_until_parked();

  Worker workers_[kMostThreads];
  int size_ = 0;
  Call call_ = nullptr;  // nullptr: the worker ends
  const void* task_ = nullptr;
  alignas(64) std::atomic<int> busy_{0};  // futex word: the owner sleeps until it is zero
};

// Creates `threads` threads that each run task(index) and end; returns when all have ended.
template <class Task>
void run_in_new_threads(int threads, const Task& task) {
  ThreadTeam team(threads);
  team.run(task);
}

}  // namespace lab
