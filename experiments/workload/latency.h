// Times of single operations, and what made the slow ones slow: a page fault, a switch to another
// thread, or neither. One thread.
#pragma once

#include "experiments/workload/stopwatch.h"
#include "harness/contract/experiment.h"

namespace lab {

// Returns the time that `permyriad` of 10000 operations do not exceed, as the floor of its bucket.
constexpr std::int64_t quantile_ns(const Histogram& histogram, std::uint64_t permyriad) {
  const std::uint64_t rank = (histogram.count * permyriad + 9999) / 10000;
  std::uint64_t seen = 0;
  for (int bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
    seen += histogram.buckets[bucket];
    if (seen >= rank && seen > 0)
      return static_cast<std::int64_t>(Histogram::bucket_floor_ns(bucket));
  }
  return 0;
}

constexpr Metric observed_ns(std::string_view name, std::string_view meaning) {
  return {name,         "ns",   MetricKind::observed, Better::lower, false, BlockingKeys::times,
          "experiment", meaning};
}

// What is slow depends on the clock: such counts come from time runs, as times do.
constexpr Metric slow_calls(std::string_view name, std::string_view meaning) {
  Metric metric = observed_ns(name, meaning);
  metric.unit = "count";
  return metric;
}

// Counts slow calls by what happened during them. Asking costs a system call, outside the time of
// the call: before each call, or the faults of what lies between would count.
class SlowCalls {
 public:
  static constexpr std::uint64_t kSlowNs = 2000;

  // Call before an operation that may be slow.
  void begin() { before_ = Interruptions::so_far(); }

  // Call after it, with the time it took.
  void note(std::uint64_t ns) {
    if (ns < kSlowNs) return;
    const Interruptions after = Interruptions::so_far();
    if (after.faults > before_.faults) ++faulted_;
    else if (after.switches > before_.switches) ++switched_;
    else ++other_;
  }

  void report(Context& lab) {
    lab.observe("slow_faulted_count", faulted_);
    lab.observe("slow_switched_count", switched_);
    lab.observe("slow_other_count", other_);
    faulted_ = switched_ = other_ = 0;
  }

 private:
  Interruptions before_{};
  std::int64_t faulted_ = 0;
  std::int64_t switched_ = 0;
  std::int64_t other_ = 0;
};

}  // namespace lab
