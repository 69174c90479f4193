// Counting kernel events of the measured process through perf_event_open, from outside. Never
// excludes the kernel: kernel work is what the lab is about. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sample/file_descriptor.h"
#include "harness/sample/snapshot.h"
#include "harness/sample/tracefs.h"

namespace lab {

// One event that this host can count.
struct OpenableEvent {
  int metric;  // index in sampled_metrics()
  std::uint32_t type;
  std::uint64_t config;
  bool exclude_user;
  bool exclude_kernel;  // only for the user half of a processor event
};

// Finds out, once per sweep, which events this host can count, and holds one of each open until it
// is destroyed: closing the last holder of a syscall tracepoint costs 0.2 s.
class PerfSession {
 public:
  PerfSession();

  const std::vector<OpenableEvent>& events() const { return events_; }
  // Why each of the other event metrics is null here, by metric name.
  const std::map<std::string_view, std::string>& nulls() const { return nulls_; }

  // Stops holding. For sweeps that measure time: a held syscall tracepoint taxes every system call.
  void let_go() { holders_.clear(); }

 private:
  void try_event(int metric, const Tracefs& tracefs);

  std::vector<OpenableEvent> events_;
  std::vector<FileDescriptor> holders_;
  std::map<std::string_view, std::string> nulls_;
};

// The events of one run. Open it on the launcher while that waits, single-threaded: counting starts
// at its exec and includes all threads and children that come later.
class PerfCounters {
 public:
  // An event that cannot be opened on `pid` becomes a null with a reason; never throws for it.
  PerfCounters(const PerfSession& session, pid_t pid);

  // Adds the running totals to `snapshot`. An event that never got onto the processor stays out.
  void read(Snapshot& snapshot);

  const std::map<std::string_view, std::string>& nulls() const { return nulls_; }
  // Events that counted only part of the time, whose raw counts are therefore too low.
  std::vector<std::string> warnings() const;

 private:
  struct Counter {
    int metric;
    FileDescriptor file;
    std::uint64_t enabled_ns = 0;
    std::uint64_t running_ns = 0;
  };

  std::vector<Counter> counters_;
  std::map<std::string_view, std::string> nulls_;
};

}  // namespace lab
