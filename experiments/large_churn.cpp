// Question:  does repeated malloc and free of large blocks fault on every round?
// Method:    allocate, write and free a few large blocks again and again; directly, or through a
//            pool that keeps them. The first round is a phase of its own.
// Ideal:     after the first round nothing faults and nothing is asked of the kernel.
// Watch:     glibc raises its thresholds after the first free, unless one was set by hand.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kBlocks = 4;

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::int64_t rounds = lab.param("rounds");
  const std::size_t page_bytes = lab.page_bytes();
  const bool pooled = lab.is("source", "pool");  // keeps what it took in the first round
  void* blocks[kBlocks] = {};
  RequestLog heap;
  const auto round = [&] {
    for (void*& block : blocks) {
      if (block == nullptr) block = heap.malloc(bytes);
      write_range(block, bytes, page_bytes);
    }
    for (void*& block : blocks) {
      if (pooled) continue;
      heap.free(block, bytes);
      block = nullptr;
    }
  };

  lab.mark("first_round");
  round();
  heap.report(lab);
  lab.mark("second_round");
  round();
  heap.report(lab);
  lab.mark("more_rounds");
  for (std::int64_t i = 0; i < rounds; ++i) round();
  heap.report(lab);
}

// A pool asks for nothing after the first round.
std::int64_t anew(const Point& point, std::int64_t) {
  return point.is("source", "pool") ? 0 : static_cast<std::int64_t>(kBlocks);
}
std::int64_t anew_in_rounds(const Point& point, std::int64_t) {
  return anew(point, 0) * point.number("rounds");
}

constexpr Description large_churn{
    .name = "large_churn",
    .family = "faults",
    .question = "Does repeated malloc and free of large blocks fault on every round?",
    .method = "Allocate, write and free four large blocks again and again, directly or pooled.",
    .params = {{"block_bytes", "byte", "size of one block; four are live at a time", "256KiB",
                "256KiB 4MiB", "256KiB 1MiB 4MiB 20MiB 40MiB"},
               {"source", "token", "where blocks come from", "malloc pool"},
               {"rounds", "count", "rounds after the first two", "2", "20", "100"}},
    .knobs = {mmap_threshold_knob("absent 128KiB", "absent 128KiB 32MiB"),
              trim_threshold_knob("absent", "absent 1GiB")},
    .phases = {"first_round", "second_round", "more_rounds"},
    .ideals = {{"first_round", "minor_faults_count", pages_spanned<"block_bytes", kBlocks>},
               {"second_round", "minor_faults_count", nothing},
               {"more_rounds", "minor_faults_count", nothing},
               {"more_rounds", "munmap_calls_count", nothing},
               {"first_round", "allocations_count", exactly<kBlocks>, kExact},
               {"second_round", "allocations_count", anew, kExact},
               {"more_rounds", "allocations_count", anew_in_rounds, kExact},
               {"more_rounds", "frees_count", anew_in_rounds, kExact}},
    .plots = {view("Faults after the first two rounds", "minor_faults_count", In("more_rounds"),
                   Over("block_bytes"), Panels("mmap_threshold_bytes"),
                   Where("source=malloc trim_threshold_bytes=absent")),
              view("Faults when the trim threshold is high too", "minor_faults_count",
                   In("more_rounds"), Over("block_bytes"), Panels("mmap_threshold_bytes"),
                   Where("source=malloc trim_threshold_bytes=1GiB")),
              view("Resident after the last free: the price of no faults", "rss_anon_bytes",
                   In("more_rounds"), Over("block_bytes"), Panels("source"),
                   Where("mmap_threshold_bytes=absent trim_threshold_bytes=absent"), kSinceStart)},
    .claims = {"mmap-churn-faults"},
    .needs = memory_of<"block_bytes", 6>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(large_churn);

}  // namespace
}  // namespace lab
