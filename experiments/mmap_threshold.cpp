// Question:  from which size on is a request served by its own mmap, and can that size be moved?
// Method:    one request in a process with a known history; touch it; free it. The search finds
//            the smallest request that calls mmap, to the byte.
// Ideal:     a request of this size costs at most one system call, and no fault before its touch.
// Watch:     a large enough top of the heap serves any size; an allocator that buys large regions
//            calls mmap once for many sizes.
#include <malloc.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kSmallBytes = 64;
constexpr std::size_t kFreedBytes = 1 << 20;
constexpr std::size_t kTopBytes = 100 << 10;  // twice: free room at the top of the heap

std::int64_t pages(const Point& point, std::int64_t page_bytes) {
  return pages_for(point.number("request_bytes"), page_bytes);
}

std::int64_t resident(const Point& point, std::int64_t page_bytes) {
  return pages(point, page_bytes) * page_bytes;
}

Needs needs(const Point& point) { return {.memory_bytes = point.number("request_bytes")}; }

bool request_called_mmap(const RunView& run) {
  return run.value("request", "mmap_calls_count").value_or(0) > 0;
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("request_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  const bool small_before = lab.is("history", "small");
  const bool large_before = lab.is("history", "freed_1mib");
  const bool top_before = lab.is("history", "freed_top");
  RequestLog heap;

  lab.mark("history");
  if (small_before) heap.malloc(kSmallBytes);
  if (large_before) heap.free(heap.malloc(kFreedBytes), kFreedBytes);
  if (top_before) {
    void* below = heap.malloc(kTopBytes);
    heap.free(heap.malloc(kTopBytes), kTopBytes);
    heap.free(below, kTopBytes);
  }
  heap.report(lab);
  lab.mark("request");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.observe("block_address", block);
  lab.observe("usable_bytes", static_cast<std::int64_t>(malloc_usable_size(block)));
  lab.mark("touch");
  write_range(block, bytes, page_bytes);
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"request_bytes", "byte", "size asked for", "1KiB 64KiB 1MiB",
     "1KiB 16KiB 32KiB 64KiB 96KiB 120KiB 128KiB 136KiB 192KiB 256KiB 512KiB 1MiB 2MiB 8MiB 32MiB",
     "1KiB 2KiB 4KiB 8KiB 16KiB 32KiB 48KiB 60KiB 64KiB 68KiB 80KiB 96KiB 112KiB 120KiB 124KiB "
     "131032 131048 131049 128KiB 132KiB 136KiB 160KiB 192KiB 256KiB 384KiB 512KiB 768KiB 1020KiB "
     "1MiB 1028KiB 2MiB 4MiB 8MiB 16MiB 32MiB 64MiB"},
    {"history", "token", "what the process did before", "fresh",
     "fresh small freed_1mib freed_top"},
};
constexpr Param kKnobs[] = {
    {"mmap_threshold_bytes", "byte", "size from which malloc uses mmap", "absent 64KiB",
     "absent 64KiB 128KiB 1MiB"},
};
constexpr std::string_view kPhases[] = {"history", "request", "touch", "free"};
constexpr Metric kMetrics[] = {
    observed("block_address", "address", "address of the block"),
    observed("usable_bytes", "byte", "malloc_usable_size of the block"),
};
constexpr Ideal kIdeals[] = {
    {"request", "minor_faults_count", nothing},
    {"touch", "minor_faults_count", pages},
    {"touch", "rss_anon_bytes", resident},
    {"free", "rss_anon_bytes", nothing},
    {"request", "allocations_count", exactly<1>, kExact},
    {"free", "frees_count", exactly<1>, kExact},
};
constexpr View kPlots[] = {
    {.title = "From some size on, one request is one mmap",
     .metric = "mmap_calls_count",
     .phase = "request",
     .x = "request_bytes",
     .facet = "history",
     .where = "mmap_threshold_bytes=absent"},
    {.title = "The knob moves the boundary",
     .metric = "mmap_calls_count",
     .phase = "request",
     .x = "request_bytes",
     .series = "mmap_threshold_bytes",
     .facet = "allocator",
     .where = "history=fresh"},
    {.title = "What stays resident after free",
     .metric = "rss_anon_bytes",
     .phase = "free",
     .x = "request_bytes",
     .facet = "history",
     .where = "mmap_threshold_bytes=absent",
     .since_start = true},
};
constexpr Search kSearches[] = {
    {.name = "boundary",
     .param = "request_bytes",
     .low = 1024,
     .high = 64 << 20,
     .step = 1,
     .holds = request_called_mmap},
};
constexpr std::string_view kClaims[] = {"mmap-128k", "threshold-tunable", "threshold-fixed",
                                        "mmap-free-returns"};

constexpr Experiment mmap_threshold{
    .name = "mmap_threshold",
    .family = "threshold",
    .question = "From which size on is a request served by mmap, and can that size be moved?",
    .method = "One request in a process with a known history; touch it; free it.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "mmap calls of one request",
              .metric = "mmap_calls_count",
              .phase = "request",
              .x = "request_bytes",
              .facet = "history"},
    .searches = kSearches,
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_threshold);

}  // namespace
}  // namespace lab
