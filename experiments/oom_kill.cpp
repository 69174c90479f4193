// Question:  which call fails when there is no memory left: malloc, or the touch?
// Method:    under a memory limit without swap, malloc less or more than the limit and write it
//            all.
// Ideal:     below the limit the run ends well; above it malloc succeeds and the run is
//            OOM-killed while it writes. That end is what the case is for.
// Watch:     the end is a signal to the process, not an error code; only the cgroup's kill
//            counter tells it from any other SIGKILL.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("limit_bytes"),
          .memory_limit_bytes = point.number("limit_bytes"),
          .swap_limit_bytes = 0,
          .cgroup_snapshot = true};
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("limit_bytes")) *
                     static_cast<std::size_t>(lab.param("requested_percent")) / 100;
  RequestLog heap;
  lab.mark("allocate");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.observe("block_address", block);
  if (block == nullptr) lab.skip("malloc refused the block: overcommit is limited here");
  lab.mark("touch");
  write_range(block, bytes, lab.page_bytes());
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"limit_bytes", "byte", "memory limit of the run's cgroup", "32MiB", "64MiB", "64MiB 512MiB"},
    {"requested_percent", "percent", "size of the block, of the limit", "50 200"},
};
constexpr std::string_view kPhases[] = {"allocate", "touch", "free"};
constexpr Metric kMetrics[] = {observed("block_address", "address", "address of the block")};
constexpr Ideal kIdeals[] = {
    {"allocate", "rss_anon_bytes", nothing},
    {"allocate", "allocations_count", exactly<1>, kExact},
    {"free", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Address space after malloc: it succeeded",
     .metric = "vsz_bytes",
     .phase = "allocate",
     .x = "requested_percent",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"oom-kill"};

constexpr Experiment oom_kill{
    .name = "oom_kill",
    .family = "limits",
    .question = "Which call fails when there is no memory left: malloc, or the touch?",
    .method = "Under a limit without swap, malloc less or more than the limit and write it all.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Address space after malloc",
              .metric = "vsz_bytes",
              .phase = "allocate",
              .x = "requested_percent",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(oom_kill);

}  // namespace
}  // namespace lab
