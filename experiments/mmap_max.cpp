// Question:  what happens to large requests when the number of mapped blocks is limited?
// Method:    allocate and touch equal large blocks, free all but the last, then all.
// Ideal:     each block is resident while it lives and gone when it is freed.
// Watch:     above the limit the heap serves large blocks too, where a survivor on top pins the
//            rest.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t all_bytes(const Point& point, std::int64_t) {
  return point.number("blocks") * point.number("block_bytes");
}

std::int64_t last_bytes(const Point& point, std::int64_t) { return point.number("block_bytes"); }

Needs needs(const Point& point) { return {.memory_bytes = 2 * all_bytes(point, 0)}; }

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("blocks"));
  const std::size_t page_bytes = lab.page_bytes();
  void** blocks = lab.scratch_array<void*>(count);
  RequestLog heap;

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i] = heap.malloc(bytes);
    write_range(blocks[i], bytes, page_bytes);
  }
  heap.report(lab);
  lab.mark("free_all_but_last");
  for (std::size_t i = 0; i + 1 < count; ++i) heap.free(blocks[i], bytes);
  heap.report(lab);
  lab.mark("free_last");
  heap.free(blocks[count - 1], bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"block_bytes", "byte", "size of one block", "256KiB", "256KiB 1MiB"},
    {"blocks", "count", "number of blocks", "8", "16", "64"},
};
constexpr Param kKnobs[] = {
    {"mmap_max_count", "count", "mapped blocks allowed at one time", "absent 0", "absent 0 4"},
};
constexpr std::string_view kPhases[] = {"allocate", "free_all_but_last", "free_last"};
constexpr Ideal kIdeals[] = {
    {"allocate", "rss_anon_bytes", all_bytes},
    {"free_all_but_last", "rss_anon_bytes", last_bytes},
    {"free_last", "rss_anon_bytes", nothing},
    {"allocate", "allocations_count", param<"blocks">, kExact},
    {"allocate", "live_bytes", all_bytes, kExact},
    {"free_all_but_last", "live_bytes", last_bytes, kExact},
    {"free_last", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "With mmap forbidden, the last block pins all others",
     .metric = "rss_anon_bytes",
     .series = "mmap_max_count",
     .facet = "allocator",
     .where = "block_bytes=1MiB",
     .since_start = true},
    {.title = "System calls for the same blocks",
     .metric = "mmap_calls_count",
     .phase = "allocate",
     .x = "mmap_max_count",
     .where = "block_bytes=1MiB"},
};
constexpr std::string_view kClaims[] = {"top-pin"};

constexpr Experiment mmap_max{
    .name = "mmap_max",
    .family = "threshold",
    .question = "What happens to large requests when the number of mapped blocks is limited?",
    .method = "Allocate and touch equal large blocks, free all but the last, then all.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start, after freeing all but the last",
              .metric = "rss_anon_bytes",
              .phase = "free_all_but_last",
              .x = "mmap_max_count",
              .where = "block_bytes=1MiB",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_max);

}  // namespace
}  // namespace lab
