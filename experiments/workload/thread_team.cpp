#include "experiments/workload/thread_team.h"

#include <sched.h>

#include <cstdlib>

namespace lab {
namespace {

// Binds the calling thread to the CPU number `turn`, counted round the CPUs it may use. A refusal
// leaves the thread where the kernel wants it.
void bind_to_cpu(int turn) {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return;
  int skip = turn % CPU_COUNT(&usable);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &usable) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

}  // namespace

void ThreadTeam::start() {
  if (size_ == kMostThreads) std::abort();
  Worker& worker = workers_[size_];
  worker.team = this;
  worker.index = size_;
  busy_.store(1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  if (pthread_create(&worker.thread, &attributes, &work, &worker) != 0) std::abort();
  pthread_attr_destroy(&attributes);
  ++size_;
  wait_until_parked();
}

ThreadTeam::~ThreadTeam() {
  run_range(0, size_, nullptr, nullptr);
  for (int i = 0; i < size_; ++i) pthread_join(workers_[i].thread, nullptr);
}

void* ThreadTeam::work(void* argument) {
  auto* worker = static_cast<Worker*>(argument);
  ThreadTeam* team = worker->team;
  bind_to_cpu(worker->index);
  for (int seen = 0;;) {
    if (team->busy_.fetch_sub(1) == 1) team->busy_.notify_one();
    worker->turn.wait(seen);
    seen = worker->turn.load();
    if (team->call_ == nullptr) break;
    team->call_(team->task_, worker->index);
  }
  if (team->busy_.fetch_sub(1) == 1) team->busy_.notify_one();
  return nullptr;
}

void ThreadTeam::run_range(int first, int last, Call function, const void* task) {
  call_ = function;
  task_ = task;
  busy_.store(last - first);
  for (int i = first; i < last; ++i) {
    workers_[i].turn.fetch_add(1);
    workers_[i].turn.notify_one();
  }
  wait_until_parked();
}

void ThreadTeam::wait_until_parked() {
  for (int busy = busy_.load(); busy != 0; busy = busy_.load()) busy_.wait(busy);
}

}  // namespace lab
