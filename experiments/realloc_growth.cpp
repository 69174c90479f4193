// Question:  does growing a block with realloc copy it?
// Method:    one touched block grows to twice its size, at once or in equal steps; what is new is
//            touched after each step.
// Ideal:     only the new pages fault, and at no time are both copies resident.
// Watch:     moving page tables (mremap) changes the address without copying a byte.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t new_pages(const Point& point, std::int64_t page_bytes) {
  return point.number("from_bytes") / page_bytes;
}

std::int64_t doubled(const Point& point, std::int64_t) { return 2 * point.number("from_bytes"); }

Needs needs(const Point& point) { return {.memory_bytes = 4 * point.number("from_bytes")}; }

void run(Context& lab) {
  const auto from_bytes = static_cast<std::size_t>(lab.param("from_bytes"));
  const auto steps = static_cast<std::size_t>(lab.param("steps"));
  const std::size_t page_bytes = lab.page_bytes();
  std::int64_t moves = 0;
  RequestLog heap;

  lab.mark("allocate");
  auto* block = static_cast<unsigned char*>(heap.malloc(from_bytes));
  write_range(block, from_bytes, page_bytes);
  heap.report(lab);
  lab.mark("grow");
  std::size_t bytes = from_bytes;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t larger = from_bytes + from_bytes * (step + 1) / steps;
    auto* grown = static_cast<unsigned char*>(heap.realloc(block, bytes, larger));
    moves += grown != block ? 1 : 0;
    block = grown;
    write_range(block + bytes, larger - bytes, page_bytes);
    bytes = larger;
  }
  heap.report(lab);
  lab.observe("moves_count", moves);
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"from_bytes", "byte", "size before growing to twice as much", "1MiB", "64KiB 1MiB 16MiB",
     "64KiB 1MiB 16MiB 128MiB"},
    {"steps", "count", "equal steps in which it grows", "1", "1 16", "1 4 16 64"},
};
constexpr std::string_view kPhases[] = {"allocate", "grow", "free"};
constexpr Metric kMetrics[] = {
    observed("moves_count", "count", "steps after which the block lay elsewhere", Better::lower),
};
constexpr Ideal kIdeals[] = {
    {"grow", "minor_faults_count", new_pages},
    {"grow", "rss_anon_bytes", doubled},
    {"free", "rss_anon_bytes", nothing},
    {"allocate", "allocations_count", exactly<1>, kExact},
    {"grow", "allocations_count", param<"steps">, kExact},
    {"free", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Faults while doubling: twice the ideal means that it was copied",
     .metric = "minor_faults_count",
     .phase = "grow",
     .x = "from_bytes",
     .facet = "steps"},
    {.title = "Peak resident memory while doubling",
     .metric = "rss_peak_bytes",
     .phase = "grow",
     .x = "from_bytes",
     .facet = "steps"},
    {.title = "mremap calls while doubling",
     .metric = "mremap_calls_count",
     .phase = "grow",
     .x = "from_bytes",
     .facet = "steps"},
};
constexpr std::string_view kClaims[] = {"realloc-copies"};

constexpr Experiment realloc_growth{
    .name = "realloc_growth",
    .family = "blocks",
    .question = "Does growing a block with realloc copy it?",
    .method = "A touched block grows to twice its size, at once or in steps; the new is touched.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Faults while doubling",
              .metric = "minor_faults_count",
              .phase = "grow",
              .x = "from_bytes",
              .facet = "steps"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(realloc_growth);

}  // namespace
}  // namespace lab
