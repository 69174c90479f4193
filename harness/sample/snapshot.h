// What was read at one mark: at most one raw number per sampled metric. Counters are running totals
// here; phase_between() turns two snapshots into the values of the phase between them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/sample/metric_table.h"

namespace lab {

class Snapshot {
 public:
  // Requires an index of sampled_metrics().
  void set(int index, std::int64_t value) { values_[static_cast<std::size_t>(index)] = value; }
  void erase(int index) { values_[static_cast<std::size_t>(index)].reset(); }
  // Returns nothing when the metric was not read.
  std::optional<std::int64_t> get(int index) const {
    return values_[static_cast<std::size_t>(index)];
  }

 private:
  std::array<std::optional<std::int64_t>, kSampledMetrics.size()> values_{};
};

// The value a phase records: a counter's difference, everything else as read at the phase's end.
// Returns nothing when a reading it needs is missing.
std::optional<std::int64_t> across(const Metric& metric, std::optional<std::int64_t> before,
                                   std::optional<std::int64_t> after);

// All values of the phase between two marks. Leaves out user_ns and kernel_ns when the phase used
// less CPU time than makes their tick-sampled split meaningful (kTickSplitFloorNs).
Snapshot phase_between(const Snapshot& before, const Snapshot& after);

inline constexpr std::int64_t kTickSplitFloorNs = 1'000'000'000;
inline constexpr std::string_view kTickSplitReason =
    "the kernel splits user and kernel time by sampling at clock ticks: not told for phases below "
    "1 s of CPU";

}  // namespace lab
