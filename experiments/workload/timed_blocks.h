// Blocks that are placed and replaced with every call timed alone, and the metrics that tell the
// times.
#pragma once

#include <cstdlib>

#include "experiments/workload/latency.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {

// The three histograms of one phase.
struct CallTimes {
  Histogram& mallocs;
  Histogram& writes;
  Histogram& frees;
};

// Blocks of one size. Each malloc, first write and free is timed alone.
class TimedBlocks {
 public:
  // Requires: before the first mark.
  TimedBlocks(Context& lab, std::size_t bytes, std::size_t count)
      : blocks_(lab.scratch_array<void*>(count)),
        bytes_(bytes),
        page_bytes_(lab.page_bytes()),
        clock_cost_ns_(static_cast<std::int64_t>(clock_cost_ns())) {}

  // Puts a new block in the slot, in the place of an old one if there is one.
  void renew(std::size_t slot, CallTimes times) {
    if (blocks_[slot] != nullptr) {
      log_.note_free(bytes_);
      time_call(times.frees, [&] { std::free(blocks_[slot]); });
    }
    log_.note_allocation(bytes_);
    time_call(times.mallocs, [&] { blocks_[slot] = std::malloc(bytes_); });
    time(times.writes, [&] { write_range(blocks_[slot], bytes_, page_bytes_); });
  }

  // Tells the running phase the requests since the last report and the quantiles of its `times`.
  void report(Context& lab, CallTimes times) {
    log_.report(lab);
    slow_.report(lab);
    lab.observe("clock_cost_ns", clock_cost_ns_);
    lab.observe("malloc_p50_ns", quantile_ns(times.mallocs, 5000));
    lab.observe("malloc_p99_ns", quantile_ns(times.mallocs, 9900));
    lab.observe("malloc_p999_ns", quantile_ns(times.mallocs, 9990));
    lab.observe("malloc_p9999_ns", quantile_ns(times.mallocs, 9999));
    lab.observe("malloc_max_ns", static_cast<std::int64_t>(times.mallocs.max_ns));
    lab.observe("write_p99_ns", quantile_ns(times.writes, 9900));
    lab.observe("write_max_ns", static_cast<std::int64_t>(times.writes.max_ns));
    lab.observe("free_p50_ns", quantile_ns(times.frees, 5000));
    lab.observe("free_p99_ns", quantile_ns(times.frees, 9900));
    lab.observe("free_max_ns", static_cast<std::int64_t>(times.frees.max_ns));
  }

 private:
  template <class Operation>
  static std::uint64_t time(Histogram& histogram, Operation operation) {
    const std::uint64_t begin = now_ns();
    operation();
    const std::uint64_t ns = now_ns() - begin;
    histogram.add(ns);
    return ns;
  }
  template <class Call>
  void time_call(Histogram& histogram, Call call) {
    slow_.begin();
    slow_.note(time(histogram, call));
  }

  void** blocks_;
  std::size_t bytes_;
  std::size_t page_bytes_;
  std::int64_t clock_cost_ns_;
  RequestLog log_;
  SlowCalls slow_;
};

inline constexpr Metric kTimedMetrics[] = {
    observed_ns("malloc_p50_ns", "half of the malloc calls take no longer"),
    observed_ns("malloc_p99_ns", "1 in 100 malloc calls takes longer"),
    observed_ns("malloc_p999_ns", "1 in 1000 malloc calls takes longer"),
    observed_ns("malloc_p9999_ns", "1 in 10000 malloc calls takes longer"),
    observed_ns("malloc_max_ns", "the slowest malloc call"),
    observed_ns("write_p99_ns", "1 in 100 first writes of a block takes longer"),
    observed_ns("write_max_ns", "the slowest first write of a block"),
    observed_ns("free_p50_ns", "half of the free calls take no longer"),
    observed_ns("free_p99_ns", "1 in 100 free calls takes longer"),
    observed_ns("free_max_ns", "the slowest free call"),
    observed_ns("clock_cost_ns", "what one reading of the clock adds to each of these times"),
    slow_calls("slow_faulted_count", "calls of 2 µs and more with a page fault"),
    slow_calls("slow_switched_count", "calls of 2 µs and more with a switch to another thread"),
    slow_calls("slow_other_count",
               "calls of 2 µs and more with neither: system calls and the allocator's own work"),
};

}  // namespace lab
