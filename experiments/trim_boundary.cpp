// Question:  how large must the free top of the heap be before free gives it back?
// Method:    a filler of varied size eats into the room at the top; one more block is taken from
//            what is left and freed. The room that then lies free at the top is known from its
//            address.
// Ideal:     none: an exact boundary, to be found by bisection.
// Watch:     glibc looks at the top only when it frees a chunk of at least 64 KiB; a small one
//            leaves any top alone. The more filler, the smaller the top.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kFirstBytes = 1024;  // grows the heap, so that there is room at the top

bool free_kept_the_top(const RunView& run) {
  return run.value("free", "brk_calls_count").value_or(0) == 0;
}

void run(Context& lab) {
  const auto filler_bytes = static_cast<std::size_t>(lab.param("filler_bytes"));
  const auto block_bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  RequestLog heap;

  lab.mark("prepare");
  heap.malloc(kFirstBytes);
  heap.malloc(filler_bytes);
  void* block = heap.malloc(block_bytes);
  write_range(block, block_bytes, lab.page_bytes());
  heap.report(lab);
  lab.observe("block_address", block);
  lab.mark("free");
  heap.free(block, block_bytes);
  heap.report(lab);
}

constexpr Param kParams[] = {
    {"filler_bytes", "byte", "taken from the top before the block", "4KiB 48KiB",
     "1KiB 2KiB 3KiB 4KiB 16KiB 32KiB 48KiB"},
    {"block_bytes", "byte", "size of the block that is freed last", "66KiB", "32KiB 66KiB"},
};
constexpr Param kKnobs[] = {
    {"trim_threshold_bytes", "byte", "free top of the heap that free gives back", "absent",
     "absent 96KiB 128KiB"},
};
constexpr std::string_view kPhases[] = {"prepare", "free"};
constexpr Metric kMetrics[] = {observed("block_address", "address", "address of the last block")};
constexpr View kPlots[] = {
    {.title = "Free gives the top back only when enough of it is free",
     .metric = "brk_calls_count",
     .phase = "free",
     .x = "filler_bytes",
     .series = "trim_threshold_bytes",
     .facet = "block_bytes",
     .where = "allocator=glibc"},
};
constexpr Search kSearches[] = {
    {.name = "boundary",
     .param = "filler_bytes",
     .low = 16,
     .high = 60 << 10,
     .step = 16,
     .holds = free_kept_the_top,
     .where = "block_bytes=66KiB"},
};
constexpr std::string_view kClaims[] = {"top-trim-128k"};

constexpr Experiment trim_boundary{
    .name = "trim_boundary",
    .family = "trim",
    .question = "How large must the free top of the heap be before free gives it back?",
    .method = "A filler of varied size shrinks the room at the top; one block there is freed.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .metrics = kMetrics,
    .plots = kPlots,
    .table = {.title = "brk calls of one free",
              .metric = "brk_calls_count",
              .phase = "free",
              .x = "filler_bytes",
              .facet = "trim_threshold_bytes",
              .where = "block_bytes=66KiB"},
    .searches = kSearches,
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(trim_boundary);

}  // namespace
}  // namespace lab
