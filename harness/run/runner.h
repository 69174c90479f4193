// Executes jobs: one at a time, or overlapping where every one of them mostly waits and only counts
// are taken. Drives the state machines of the active runs from one poll loop in the calling thread.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <vector>

#include "harness/run/lane.h"

namespace lab {

// A finished run with its long series.
struct FinishedRun {
  RunRecord record;
  TimelineSeries timeline;
  std::vector<std::string> maps;
};

class Runner {
 public:
  // Called with every finished run, in the order of finishing. May throw; the runs in flight are
  // ended then.
  using Sink = std::function<void(FinishedRun&&)>;

  // `perf` may be null. `interrupted` is set by a signal handler and looked at after every wait.
  Runner(RunSettings settings, const PerfSession* perf, const std::atomic<bool>& interrupted);

  // Runs all jobs in order. Returns false when interrupted: the runs in flight are not reported.
  bool run(std::span<const Job> jobs, const Sink& sink);
  // Runs one job and returns it; nothing when interrupted.
  std::optional<FinishedRun> run_one(const Job& job);

  const RunCgroup& cgroup() const { return lanes_.front()->cgroup; }

 private:
  bool may_start(const Job& job) const;
  Lane& free_lane();
  void start(const Job& job, const Sink& sink);
  void wait_and_handle(const Sink& sink);
  void finish(Lane& lane, const Sink& sink);
  std::size_t active() const;

  const RunSettings settings_;
  const PerfSession* perf_;
  const std::atomic<bool>& interrupted_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace lab
