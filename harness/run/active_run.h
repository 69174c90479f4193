// One run while it happens: a small state machine fed with events by the run loop. Launch, ready, hello
// (proof checked), marks (sampled), done, reaped; anything else becomes a status and a reason, never
// an exception.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/contract/experiment.h"
#include "harness/record/run_record.h"
#include "harness/run/arm.h"
#include "harness/run/containment.h"
#include "harness/run/process.h"
#include "harness/run/shared_slot.h"
#include "harness/run/swap_file.h"
#include "harness/sample/sampler.h"
#include "harness/sample/timeline.h"

namespace lab {

using Clock = std::chrono::steady_clock;

// What every run of a sweep shares.
struct RunSettings {
  std::string launcher;
  std::string child;
  Measure measure = Measure::counts;
  std::string cpus;  // "0,1"; empty: not pinned
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds timeline{0};  // 0: off
  std::int64_t memory_limit_bytes = -1;   // for all runs; an experiment's own limit comes first
  std::int64_t swap_limit_bytes = -1;
};

// What one run is to do.
struct Job {
  const Case* of = nullptr;
  const Experiment* experiment = nullptr;
  const Arm* arm = nullptr;
  Settings params;  // the case's, or with a search's probe value
  int block = 0;
  int position = 0;
  std::uint64_t seed = 0;
  std::optional<SearchProbe> probe;
};

// A mark as it was read: the phase that begins here and the state at this moment.
struct MarkReading {
  std::int32_t phase;
  Snapshot snapshot;
  protocol::Message message;
};

struct TimelineSeries {
  std::int64_t every_ms = 0;
  std::vector<TimelineSample> samples;
};

class ActiveRun {
 public:
  // Requires: `slot` and `cgroup` serve no other run. `perf` may be null (no events).
  ActiveRun(const RunSettings& settings, Job job, const PerfSession* perf, SharedSlot& slot,
            RunCgroup& cgroup);
  ~ActiveRun();

  const Job& job() const { return job_; }
  const Process& process() const { return *process_; }
  // False when the process could not even be started: the record is ready.
  bool started() const { return process_ != nullptr; }
  Clock::time_point deadline() const { return deadline_; }
  // When the next timeline sample is due; nothing when it is off.
  std::optional<Clock::time_point> next_sample() const;

  void on_message();
  void on_stderr();
  void on_timeline();
  void on_timeout();
  void interrupt();
  // Returns true when the process has ended and was reaped.
  bool on_exit();

  bool stderr_open() const { return stderr_open_; }
  bool socket_open() const { return socket_open_; }

  // Requires: ended. The run as a record; series go to `timeline()` and `maps()`.
  RunRecord take_record();
  const TimelineSeries& timeline() const { return timeline_; }
  const std::vector<std::string>& maps() const { return maps_; }

 private:
  void launch();
  // Puts limits and swap in force. Returns an empty text, or why the run cannot be made here.
  std::string provide();
  LaunchSpec launch_spec();
  void handle(const protocol::Message& message);
  void on_ready();
  std::string measured_program() const;
  void on_hello();
  void on_mark(const protocol::Message& message);
  void give_up(Status status, std::string reason);
  void settle(int wait_status);
  void note_strays();

  const RunSettings& settings_;
  Job job_;
  const PerfSession* perf_;
  SharedSlot& slot_;
  RunCgroup& cgroup_;
  Needs needs_;
  SwapFile swap_;
  RunRecord record_;
  std::int64_t oom_kills_before_ = 0;
  std::unique_ptr<Process> process_;
  std::optional<PerfCounters> counters_;
  std::optional<Sampler> sampler_;
  std::optional<Timeline> statm_;
  TimelineSeries timeline_;
  std::vector<std::string> maps_;
  std::vector<MarkReading> marks_;
  std::optional<Status> verdict_;  // decided before the process ended
  bool done_ = false;
  bool socket_open_ = true;
  bool stderr_open_ = true;
  Clock::time_point started_;
  Clock::time_point deadline_;
  Clock::time_point next_sample_;
};

}  // namespace lab
