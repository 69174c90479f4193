// Question:  what would it cost to serve every block with its own mmap?
// Method:    allocate and touch blocks of one size, free every second one, churn the free half,
//            free all; with the default threshold and with one so low that every block is mapped.
// Ideal:     churn at constant live bytes costs no fault and no system call.
// Watch:     neighbouring anonymous mappings merge: the number of maps rises only with the holes.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/live_set.h"

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
  LiveSet live(lab, count);

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) live.place(i, bytes);
  live.report(lab);
  lab.mark("free_half");
  for (std::size_t i = 0; i < count; i += 2) live.drop(i);
  live.report(lab);
  lab.mark("churn");
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < count; i += 2) live.place(i, bytes);
    for (std::size_t i = 0; i < count; i += 2) live.drop(i);
  }
  live.report(lab);
  lab.mark("free");
  for (std::size_t i = 1; i < count; i += 2) live.drop(i);
  live.report(lab);
}

// Every second block, the first among them.
std::int64_t half(const Point& point, std::int64_t) { return (point.number("blocks") + 1) / 2; }
std::int64_t churned(const Point& point, std::int64_t) {
  return half(point, 0) * point.number("rounds");
}

constexpr Description all_mmap{
    .name = "all_mmap",
    .family = "threshold",
    .question = "What would it cost to serve every block with its own mmap?",
    .method = "Allocate and touch blocks, free every second one, churn the free half, free all.",
    .params = {{"block_bytes", "byte", "size of one block", "1KiB", "64 1KiB 16KiB",
                "64 256 1KiB 4KiB 16KiB"},
               {"blocks", "count", "number of blocks", "64", "1000", "20000"},
               {"rounds", "count", "times the free half is allocated and freed", "2", "4", "10"}},
    .knobs = {mmap_threshold_knob("absent 1")},
    .phases = {"allocate", "free_half", "churn", "free"},
    .ideals = {{"churn", "minor_faults_count", nothing},
               {"churn", "mmap_calls_count", nothing},
               {"churn", "munmap_calls_count", nothing},
               {"allocate", "allocations_count", param<"blocks">, kExact},
               {"free_half", "frees_count", half, kExact},
               {"churn", "allocations_count", churned, kExact},
               {"churn", "frees_count", churned, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("Faults of the same churn", "minor_faults_count", In("churn"),
                   Over("block_bytes"), Panels("mmap_threshold_bytes")),
              view("mmap calls of the same churn", "mmap_calls_count", In("churn"),
                   Over("block_bytes"), Panels("mmap_threshold_bytes")),
              view("Mappings of the address space", "maps_count", Series("mmap_threshold_bytes"),
                   Where("allocator=glibc block_bytes=1KiB"), kSinceStart)},
    .claims = {"all-mmap-slow", "small-mmap-splits"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(all_mmap);

}  // namespace
}  // namespace lab
