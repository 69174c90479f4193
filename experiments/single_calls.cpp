// Question: how many nanoseconds does a single call take?
// Method:   Google Benchmark repeats one call and its counterpart (or a batch of a thousand, or one
//           growing block) until the time is worth telling; see micro/.
// Ideal:    none: no allocator is free of cost, and the same call costs more when caches are cold.
// Watch:    a tight loop over one size is the best case of every thread cache; what a program pays
//           shows in churn, server_threads and latency. `bump` pays for a fresh page again and
//           again.
#include "harness/contract/experiment.h"

namespace lab {
namespace {

// A thousand large blocks at once, and growing a small block, say nothing that others do not.
bool applies(const Point& point) {
  const std::int64_t bytes = point.number("block_bytes");
  if (point.text("call").starts_with("batch")) return bytes <= 4096;
  if (point.text("call").starts_with("realloc")) return bytes >= 4096 && bytes <= (256 << 10);
  return true;
}

constexpr Param kParams[] = {
    {"call", "token", "what is repeated", "malloc_free batch_random",
     "malloc_free calloc_free new_delete new_delete_sized aligned_line_free aligned_page_free "
     "batch_lifo batch_fifo batch_random realloc_by_half realloc_by_64"},
    {"block_bytes", "byte", "size of the block, or that it grows to", "64", "64 4KiB 256KiB",
     "16 64 256 1KiB 4KiB 32KiB 256KiB 2MiB"},
};
constexpr std::string_view kPhases[] = {"measure"};
constexpr Metric kMetrics[] = {
    {"thousand_calls_ns", "ns", MetricKind::observed, Better::lower, false, BlockingKeys::times,
     "Google Benchmark", "CPU time of 1000 pairs of calls, or of 1000 steps of growing"},
};
constexpr View kPlots[] = {
    {.title = "A thousand calls on blocks of 64 bytes: µs for all are ns for each",
     .metric = "thousand_calls_ns",
     .phase = "measure",
     .x = "call",
     .where = "block_bytes=64"},
    {.title = "A thousand calls by size: µs for all are ns for each",
     .metric = "thousand_calls_ns",
     .phase = "measure",
     .x = "block_bytes",
     .facet = "call"},
};

constexpr Description single_calls{
    .name = "single_calls",
    .family = "micro",
    .question = "How many nanoseconds does a single call take?",
    .method =
        "Google Benchmark repeats one call and its counterpart until the mean is worth telling. "
        "Times only; one process for each call and size.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .plots = kPlots,
    .table = {.title = "A thousand calls by size: µs for all are ns for each",
              .metric = "thousand_calls_ns",
              .phase = "measure",
              .x = "block_bytes"},
    .applies = applies,
    .program = "alloclab-micro",
};
LAB_REGISTER_EXPERIMENT(single_calls);

}  // namespace
}  // namespace lab
