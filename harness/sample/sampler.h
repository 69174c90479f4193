// Reads everything the kernel tells about one process while that process stands still at a mark.
// Opens its files at the first read, which must come after the exec, and re-reads them with pread;
// allocates nothing from the second read on. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sample/perf_events.h"
#include "harness/sample/proc_parsers.h"
#include "harness/sample/snapshot.h"

namespace lab {

struct SampleOptions {
  bool counts = true;           // events were wanted: those that are missing are null, not absent
  bool system = false;          // meminfo, vmstat, buddyinfo, slabinfo
  bool maps = false;            // keep the list of mappings, see maps()
  std::string cgroup_dir = {};  // folder of the run's memory cgroup; empty: not read
};

class Sampler {
 public:
  Sampler(pid_t pid, std::optional<PerfCounters>&& counters, SampleOptions options);
  ~Sampler();
  Sampler(Sampler&&) noexcept;

  // Never throws: what cannot be read is missing from the snapshot and explained in nulls().
  Snapshot read();

  // Begins a new phase for rss_peak_bytes. Requires: at a mark, after read().
  void reset_peaks();

  // Why metrics that were asked for may be missing from a snapshot or a phase, by metric name. One
  // that is missing and not explained here was not asked for.
  const std::map<std::string_view, std::string>& nulls() const;

  // What to know before trusting the numbers. Ask at the end of the run.
  std::vector<std::string> warnings() const;

  // The mappings at the last read(), when options.maps is set. Valid until the next read().
  std::span<const MapEntry> maps() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lab
