// Question:  does repeated malloc and free of large blocks fault on every round?
// Method:    allocate, write and free a few large blocks again and again; directly, or through a
//            pool that keeps them. The first round is a phase of its own.
// Ideal:     after the first round nothing faults and nothing is asked of the kernel.
// Watch:     glibc raises its thresholds after the first free, unless one of them was set by
//            hand.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kBlocks = 4;

// Hands out the blocks it took at the start; asks the heap for nothing later.
class Pool {
 public:
  Pool(RequestLog& heap, bool keeps, std::size_t bytes)
      : heap_(heap), keeps_(keeps), bytes_(bytes) {}

  void* take(std::size_t i) {
    if (blocks_[i] == nullptr) blocks_[i] = heap_.malloc(bytes_);
    return blocks_[i];
  }
  void give_back(std::size_t i) {
    if (keeps_) return;
    heap_.free(blocks_[i], bytes_);
    blocks_[i] = nullptr;
  }

 private:
  RequestLog& heap_;
  bool keeps_;
  std::size_t bytes_;
  void* blocks_[kBlocks] = {};
};

Needs needs(const Point& point) { return {.memory_bytes = 6 * point.number("block_bytes")}; }

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::int64_t rounds = lab.param("rounds");
  const std::size_t page_bytes = lab.page_bytes();
  RequestLog heap;
  Pool pool(heap, lab.is("source", "pool"), bytes);
  const auto round = [&] {
    for (std::size_t i = 0; i < kBlocks; ++i) write_range(pool.take(i), bytes, page_bytes);
    for (std::size_t i = 0; i < kBlocks; ++i) pool.give_back(i);
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

std::int64_t all_pages(const Point& point, std::int64_t page_bytes) {
  return static_cast<std::int64_t>(kBlocks) * point.number("block_bytes") / page_bytes;
}

// A pool asks for nothing after the first round.
std::int64_t anew(const Point& point, std::int64_t) {
  return point.is("source", "pool") ? 0 : static_cast<std::int64_t>(kBlocks);
}
std::int64_t anew_in_rounds(const Point& point, std::int64_t) {
  return anew(point, 0) * point.number("rounds");
}

constexpr Param kParams[] = {
    {"block_bytes", "byte", "size of one block; four are live at a time", "256KiB", "256KiB 4MiB",
     "256KiB 1MiB 4MiB 20MiB 40MiB"},
    {"source", "token", "where blocks come from", "malloc pool"},
    {"rounds", "count", "rounds after the first two", "2", "20", "100"},
};
constexpr Param kKnobs[] = {
    {"mmap_threshold_bytes", "byte", "size from which malloc uses mmap", "absent 128KiB",
     "absent 128KiB 32MiB"},
    {"trim_threshold_bytes", "byte", "free top of the heap that free gives back", "absent",
     "absent 1GiB"},
};
constexpr std::string_view kPhases[] = {"first_round", "second_round", "more_rounds"};
constexpr Ideal kIdeals[] = {
    {"first_round", "minor_faults_count", all_pages},
    {"second_round", "minor_faults_count", nothing},
    {"more_rounds", "minor_faults_count", nothing},
    {"more_rounds", "munmap_calls_count", nothing},
    {"first_round", "allocations_count", exactly<kBlocks>, kExact},
    {"second_round", "allocations_count", anew, kExact},
    {"more_rounds", "allocations_count", anew_in_rounds, kExact},
    {"more_rounds", "frees_count", anew_in_rounds, kExact},
};
constexpr View kPlots[] = {
    {.title = "Faults after the first two rounds",
     .metric = "minor_faults_count",
     .phase = "more_rounds",
     .x = "block_bytes",
     .series = "mmap_threshold_bytes",
     .facet = "allocator",
     .where = "source=malloc trim_threshold_bytes=absent"},
    {.title = "Faults with both thresholds high",
     .metric = "minor_faults_count",
     .phase = "more_rounds",
     .x = "block_bytes",
     .series = "mmap_threshold_bytes",
     .facet = "allocator",
     .where = "source=malloc trim_threshold_bytes=1GiB"},
    {.title = "Resident after the last free: the price of no faults",
     .metric = "rss_anon_bytes",
     .phase = "more_rounds",
     .x = "block_bytes",
     .facet = "source",
     .where = "mmap_threshold_bytes=absent trim_threshold_bytes=absent",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"mmap-churn-faults"};

constexpr Experiment large_churn{
    .name = "large_churn",
    .family = "faults",
    .question = "Does repeated malloc and free of large blocks fault on every round?",
    .method = "Allocate, write and free four large blocks again and again, directly or pooled.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Faults after the first two rounds",
              .metric = "minor_faults_count",
              .phase = "more_rounds",
              .x = "block_bytes",
              .facet = "mmap_threshold_bytes",
              .where = "source=malloc trim_threshold_bytes=absent"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(large_churn);

}  // namespace
}  // namespace lab
