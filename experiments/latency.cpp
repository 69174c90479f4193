// Question: how long do single calls take, and what makes the slow ones slow?
// Method:   blocks of one size up to the live bytes: first all are placed (first use), then random
//           ones are replaced (steady). Each malloc, first write and free is timed alone.
// Ideal:    no call takes longer than another; the slow ones of first use are page faults.
// Watch:    every time holds one reading of the clock (clock_cost_ns). Slow means 2 µs and more;
//           each slow malloc or free is asked whether a fault or a switch happened meanwhile.
#include <cstdlib>

#include "experiments/workload/describe.h"
#include "experiments/workload/latency.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

// The three histograms of one phase.
struct Times {
  Histogram& mallocs;
  Histogram& writes;
  Histogram& frees;
};

class TimedBlocks {
 public:
  TimedBlocks(Context& lab, std::size_t bytes, std::size_t count)
      : blocks_(lab.scratch_array<void*>(count)), bytes_(bytes), page_bytes_(lab.page_bytes()) {}

  // Puts a new block in the slot, in the place of an old one if there is one.
  void renew(std::size_t slot, Times times) {
    if (blocks_[slot] != nullptr) {
      log_.note_free(bytes_);
      time_call(times.frees, [&] { std::free(blocks_[slot]); });
    }
    log_.note_allocation(bytes_);
    time_call(times.mallocs, [&] { blocks_[slot] = std::malloc(bytes_); });
    time(times.writes, [&] { write_range(blocks_[slot], bytes_, page_bytes_); });
  }

  void report(Context& lab, Times times) {
    log_.report(lab);
    slow_.report(lab);
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
  RequestLog log_;
  SlowCalls slow_;
};

Needs needs(const Point& point) { return {.memory_bytes = 4 * point.number("live_bytes")}; }

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::size_t count = static_cast<std::size_t>(lab.param("live_bytes")) / bytes;
  const std::int64_t replacements = lab.param("replacements");
  const Times first{lab.histogram("first_malloc"), lab.histogram("first_write"),
                    lab.histogram("first_free")};
  const Times steady{lab.histogram("malloc"), lab.histogram("write"), lab.histogram("free")};
  const auto clock_ns = static_cast<std::int64_t>(clock_cost_ns());
  TimedBlocks blocks(lab, bytes, count);
  Rng rng = lab.rng();

  lab.mark("first_use");
  for (std::size_t slot = 0; slot < count; ++slot) blocks.renew(slot, first);
  blocks.report(lab, first);
  lab.observe("clock_cost_ns", clock_ns);
  lab.mark("steady");
  for (std::int64_t i = 0; i < replacements; ++i) blocks.renew(rng.below(count), steady);
  blocks.report(lab, steady);
  lab.observe("clock_cost_ns", clock_ns);
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return point.number("live_bytes") / point.number("block_bytes");
}

constexpr Param kParams[] = {
    {"block_bytes", "byte", "size of the blocks", "64 64KiB", "16 256 4KiB 64KiB 1MiB",
     "16 64 256 1KiB 4KiB 16KiB 64KiB 256KiB 1MiB"},
    {"live_bytes", "byte", "sum of all live blocks", "1MiB", "8MiB", "64MiB"},
    {"replacements", "count", "blocks replaced in the steady phase", "500", "50000", "1000000"},
};
constexpr std::string_view kPhases[] = {"first_use", "steady"};
constexpr std::string_view kHistograms[] = {"first_malloc", "first_write", "first_free",
                                            "malloc",       "write",       "free"};
constexpr Metric kMetrics[] = {
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
    observed("slow_faulted_count", "count", "calls of 2 µs and more with a page fault",
             Better::lower),
    observed("slow_switched_count", "count",
             "calls of 2 µs and more with a switch to another thread"),
    observed("slow_other_count", "count",
             "calls of 2 µs and more with neither: system calls and the allocator's own work"),
};
constexpr Ideal kIdeals[] = {
    {"first_use", "allocations_count", blocks, kExact},
    {"steady", "allocations_count", param<"replacements">, kExact},
    {"steady", "frees_count", param<"replacements">, kExact},
};
constexpr View kPlots[] = {
    {.title = "The slowest 1 in 10000 malloc calls, steady state",
     .metric = "malloc_p9999_ns",
     .phase = "steady",
     .x = "block_bytes"},
    {.title = "The typical malloc call, steady state",
     .metric = "malloc_p50_ns",
     .phase = "steady",
     .x = "block_bytes"},
    {.title = "Slow calls that took a page fault, steady state",
     .metric = "slow_faulted_count",
     .phase = "steady",
     .x = "block_bytes"},
    {.title = "Slow calls without fault or switch: system calls and the allocator's own work",
     .metric = "slow_other_count",
     .phase = "steady",
     .x = "block_bytes"},
    {.title = "The slowest 1 in 100 malloc calls at first use",
     .metric = "malloc_p99_ns",
     .phase = "first_use",
     .x = "block_bytes"},
};

constexpr Experiment latency{
    .name = "latency",
    .family = "latency",
    .question = "How long do single calls take, and what makes the slow ones slow?",
    .method =
        "Blocks of one size are placed, then replaced at random; each malloc, first write and "
        "free is timed alone.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .histograms = kHistograms,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "The slowest 1 in 1000 malloc calls, steady state",
              .metric = "malloc_p999_ns",
              .phase = "steady",
              .x = "block_bytes"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(latency);

}  // namespace
}  // namespace lab
