#include "experiments/workload/thread_team.h"

#include <cstdlib>

namespace lab {

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
