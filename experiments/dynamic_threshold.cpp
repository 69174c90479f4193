// Question:  does freeing a large block move the size from which malloc uses mmap, and how far?
// Method:    allocate and free one block, then ask for another size; searches find the smallest
//            size that is mapped after a free of a given size, and the largest free that moves
//            anything.
// Ideal:     none is better: a moving boundary trades system calls for memory that is kept.
// Watch:     setting any of glibc's thresholds by hand switches the adjustment off.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("freed_bytes") + point.number("request_bytes")};
}

bool request_called_mmap(const RunView& run) {
  return run.value("request", "mmap_calls_count").value_or(0) > 0;
}

void run(Context& lab) {
  const auto freed_bytes = static_cast<std::size_t>(lab.param("freed_bytes"));
  const auto bytes = lab.is("request_bytes", "same")
                         ? freed_bytes
                         : static_cast<std::size_t>(lab.param("request_bytes"));
  RequestLog heap;

  lab.mark("free_first");
  heap.free(heap.malloc(freed_bytes), freed_bytes);
  heap.report(lab);
  lab.mark("request");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.mark("touch");
  write_range(block, bytes, lab.page_bytes());
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"freed_bytes", "byte", "size of the block that is freed first", "1MiB",
     "64KiB 256KiB 1MiB 8MiB 32MiB", "64KiB 128KiB 256KiB 1MiB 4MiB 16MiB 31MiB 32MiB 33MiB"},
    {"request_bytes", "byte", "size asked for afterwards", "same 256KiB", "same 256KiB 4MiB"},
};
constexpr Param kKnobs[] = {
    {"mmap_threshold_bytes", "byte", "size from which malloc uses mmap", "absent", "absent 128KiB"},
};
constexpr std::string_view kPhases[] = {"free_first", "request", "touch", "free"};
constexpr Ideal kIdeals[] = {
    {"free_first", "allocations_count", exactly<1>, kExact},
    {"free_first", "frees_count", exactly<1>, kExact},
    {"request", "allocations_count", exactly<1>, kExact},
    {"free", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "After a large block is freed, its size is no longer mapped",
     .metric = "mmap_calls_count",
     .phase = "request",
     .x = "freed_bytes",
     .series = "mmap_threshold_bytes",
     .facet = "allocator",
     .where = "request_bytes=same"},
    {.title = "What is kept after the second free",
     .metric = "rss_anon_bytes",
     .phase = "free",
     .x = "freed_bytes",
     .facet = "mmap_threshold_bytes",
     .where = "request_bytes=same",
     .since_start = true},
};
constexpr Search kSearches[] = {
    {.name = "risen_boundary",
     .param = "request_bytes",
     .low = 1024,
     .high = 64 << 20,
     .step = 1,
     .holds = request_called_mmap,
     .where = "freed_bytes=1MiB mmap_threshold_bytes=absent"},
    {.name = "end_of_rise",
     .param = "freed_bytes",
     .low = 1 << 20,
     .high = 64 << 20,
     .step = 1,
     .holds = request_called_mmap,
     .where = "request_bytes=same mmap_threshold_bytes=absent"},
};
constexpr std::string_view kClaims[] = {"threshold-fixed"};

constexpr Experiment dynamic_threshold{
    .name = "dynamic_threshold",
    .family = "threshold",
    .question = "Does freeing a large block move the size from which malloc uses mmap?",
    .method = "Allocate and free one block, then ask for another size; touch and free it.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "mmap calls of the second request",
              .metric = "mmap_calls_count",
              .phase = "request",
              .x = "freed_bytes",
              .facet = "mmap_threshold_bytes",
              .where = "request_bytes=same"},
    .searches = kSearches,
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(dynamic_threshold);

}  // namespace
}  // namespace lab
