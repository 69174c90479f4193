// Question:  do malloc_stats, mallinfo2 and malloc_info tell the same story, for all arenas?
// Method:    known blocks from the main thread, then as many from each of some threads; all three
//            reports after each step.
// Ideal:     all three agree, and grow by what was asked for.
// Watch:     these reports are libc's; another allocator that serves malloc is not in them, and
//            the case is skipped.
#include "experiments/workload/describe.h"
#include "experiments/workload/heap_reports.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/thread_team.h"

namespace lab {
namespace {

void take_blocks(RequestLog& heap, std::int64_t blocks, std::size_t bytes) {
  for (std::int64_t i = 0; i < blocks; ++i) heap.malloc(bytes);
}

void run(Context& lab) {
  const std::int64_t blocks = lab.param("blocks");
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  RequestLog heap;
  HeapReports reports(lab);
  ThreadTeam team(static_cast<int>(lab.param("threads")));

  lab.mark("before");
  reports.observe();
  lab.mark("main_blocks");
  take_blocks(heap, blocks, bytes);
  heap.report(lab);
  reports.observe();
  if (reports.mallinfo().in_use_bytes < heap.live_bytes())
    lab.skip("libc's reports speak of another heap than the one that serves malloc");
  lab.mark("thread_blocks");
  for (int worker = 0; worker < team.size(); ++worker)
    team.run_on(worker, [&](int) { take_blocks(heap, blocks, bytes); });
  heap.report(lab);
  reports.observe();
  lab.mark("end");
}

std::int64_t thread_blocks(const Point& point, std::int64_t) {
  return point.number("threads") * point.number("blocks");
}

constexpr Description stats_agree{
    .name = "stats_agree",
    .family = "statistics",
    .question = "Do malloc_stats, mallinfo2 and malloc_info tell the same story, for all arenas?",
    .method = "Known blocks from the main thread, then from other threads; all three reports.",
    .params = {{"threads", "count", "threads that allocate, one after another", "2", "1 2",
                "1 2 4"},
               {"blocks", "count", "blocks of each thread", "100", "1000"},
               {"block_bytes", "byte", "size of one block", "1000", "1000 200000"}},
    .phases = {"before", "main_blocks", "thread_blocks"},
    .metrics = kHeapReportMetrics,
    .ideals = {{"main_blocks", "in_use_spread_bytes", nothing, kExact},
               {"thread_blocks", "in_use_spread_bytes", nothing, kExact},
               {"main_blocks", "allocations_count", param<"blocks">, kExact},
               {"thread_blocks", "allocations_count", thread_blocks, kExact}},
    .plots = {view("All three agree on what is in use, for all arenas", "in_use_spread_bytes",
                   Panels("threads")),
              view("In use, says mallinfo2", "mallinfo_in_use_bytes", Panels("threads")),
              view("In use, says malloc_info", "malloc_info_in_use_bytes", Panels("threads")),
              view("In use, says malloc_stats", "malloc_stats_in_use_bytes", Panels("threads"))},
    .table = view("In use, says mallinfo2", "mallinfo_in_use_bytes"),
    .claims = {"stats-agree", "mallinfo-main-only"},
    .threads_limit = 5,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(stats_agree);

}  // namespace
}  // namespace lab
