// A metric: a named number with a unit. The name is written once, here or in the one table that
// defines it, and ends in its unit. Pure data: no process, file or statistics knowledge.
#pragma once

#include <cstdint>
#include <string_view>

namespace lab {

// What a recorded value means.
//   gauge     state at a mark; a phase records the value at its end
//   counter   difference across a phase
//   peak      highest value within a phase
//   observed  reported by the body or by the allocator itself during a phase (last value wins)
enum class MetricKind { gauge, counter, peak, observed };

enum class Better { lower, higher, none };

// Which differences between two environments forbid a comparison of this metric.
//   counts  libc, allocator digest and knobs, page size, THP, CPU count
//   times   counts' keys and CPU model, kernel, cgroup limits, image
enum class BlockingKeys { counts, times };

struct Metric {
  std::string_view name;
  std::string_view unit;  // byte, ns, count, address, token
  MetricKind kind = MetricKind::gauge;
  Better better = Better::none;
  bool deterministic = false;  // equal in every run when ASLR is off and one thread runs
  BlockingKeys blocking = BlockingKeys::counts;
  std::string_view source;   // where it is read: "smaps_rollup Rss", "experiment", …
  std::string_view meaning;  // one line for a reader who meets the name in a plot
};

}  // namespace lab
