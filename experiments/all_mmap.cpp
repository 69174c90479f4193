// Question:  what would it cost to serve every block with its own mmap?
// Method:    allocate and touch blocks of one size, free every second one, churn the free half,
//            free all; with the default threshold and with one so low that every block is mapped.
// Ideal:     churn at constant live bytes costs no fault and no system call.
// Watch:     neighbouring anonymous mappings merge: the number of maps rises only with the holes.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

// Every block on pages of its own, and its header.
Needs needs(const Point& point) {
  return {.memory_bytes = point.number("blocks") * (point.number("block_bytes") + 8192)};
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("blocks"));
  const std::int64_t rounds = lab.param("rounds");
  const std::size_t page_bytes = lab.page_bytes();
  void** blocks = lab.scratch_array<void*>(count);
  RequestLog heap;
  const auto place = [&](std::size_t i) {
    blocks[i] = heap.malloc(bytes);
    write_range(blocks[i], bytes, page_bytes);
  };

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) place(i);
  heap.report(lab);
  lab.mark("free_half");
  for (std::size_t i = 0; i < count; i += 2) heap.free(blocks[i], bytes);
  heap.report(lab);
  lab.mark("churn");
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < count; i += 2) place(i);
    for (std::size_t i = 0; i < count; i += 2) heap.free(blocks[i], bytes);
  }
  heap.report(lab);
  lab.mark("free");
  for (std::size_t i = 1; i < count; i += 2) heap.free(blocks[i], bytes);
  heap.report(lab);
}

// Every second block, the first among them.
std::int64_t half(const Point& point, std::int64_t) { return (point.number("blocks") + 1) / 2; }
std::int64_t churned(const Point& point, std::int64_t) {
  return half(point, 0) * point.number("rounds");
}

constexpr Param kParams[] = {
    {"block_bytes", "byte", "size of one block", "1KiB", "64 1KiB 16KiB", "64 256 1KiB 4KiB 16KiB"},
    {"blocks", "count", "number of blocks", "64", "1000", "20000"},
    {"rounds", "count", "times the free half is allocated and freed", "2", "4", "10"},
};
constexpr Param kKnobs[] = {
    {"mmap_threshold_bytes", "byte", "size from which malloc uses mmap", "absent 1"},
};
constexpr std::string_view kPhases[] = {"allocate", "free_half", "churn", "free"};
constexpr Ideal kIdeals[] = {
    {"churn", "minor_faults_count", nothing},
    {"churn", "mmap_calls_count", nothing},
    {"churn", "munmap_calls_count", nothing},
    {"allocate", "allocations_count", param<"blocks">, kExact},
    {"free_half", "frees_count", half, kExact},
    {"churn", "allocations_count", churned, kExact},
    {"churn", "frees_count", churned, kExact},
    {"free", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Faults of the same churn",
     .metric = "minor_faults_count",
     .phase = "churn",
     .x = "block_bytes",
     .facet = "mmap_threshold_bytes"},
    {.title = "mmap calls of the same churn",
     .metric = "mmap_calls_count",
     .phase = "churn",
     .x = "block_bytes",
     .facet = "mmap_threshold_bytes"},
    {.title = "Mappings of the address space",
     .metric = "maps_count",
     .series = "mmap_threshold_bytes",
     .facet = "allocator",
     .where = "block_bytes=1KiB",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"all-mmap-slow", "small-mmap-splits"};

constexpr Experiment all_mmap{
    .name = "all_mmap",
    .family = "threshold",
    .question = "What would it cost to serve every block with its own mmap?",
    .method = "Allocate and touch blocks, free every second one, churn the free half, free all.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Faults while churning",
              .metric = "minor_faults_count",
              .phase = "churn",
              .x = "block_bytes",
              .facet = "mmap_threshold_bytes"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(all_mmap);

}  // namespace
}  // namespace lab
