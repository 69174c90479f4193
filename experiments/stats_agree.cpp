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

void observe_reports(Context& lab, HeapReports& reports) {
  const HeapReport info = reports.mallinfo();
  const HeapReport xml = reports.malloc_info();
  const HeapReport text = reports.malloc_stats();
  lab.observe("mallinfo_system_bytes", info.system_bytes);
  lab.observe("mallinfo_in_use_bytes", info.in_use_bytes);
  lab.observe("malloc_info_system_bytes", xml.system_bytes);
  lab.observe("malloc_info_in_use_bytes", xml.in_use_bytes);
  lab.observe("malloc_stats_system_bytes", text.system_bytes);
  lab.observe("malloc_stats_in_use_bytes", text.in_use_bytes);
}

void run(Context& lab) {
  const std::int64_t blocks = lab.param("blocks");
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  RequestLog heap;
  HeapReports reports(lab);
  ThreadTeam team(static_cast<int>(lab.param("threads")));
  reports.mallinfo();  // the first call of each is warmed
  reports.malloc_info();
  reports.malloc_stats();

  lab.mark("before");
  observe_reports(lab, reports);
  lab.mark("main_blocks");
  take_blocks(heap, blocks, bytes);
  heap.report(lab);
  observe_reports(lab, reports);
  if (reports.mallinfo().in_use_bytes < heap.live_bytes())
    lab.skip("libc's reports speak of another heap than the one that serves malloc");
  lab.mark("thread_blocks");
  for (int worker = 0; worker < team.size(); ++worker)
    team.run_on(worker, [&](int) { take_blocks(heap, blocks, bytes); });
  heap.report(lab);
  observe_reports(lab, reports);
  lab.mark("end");
}

std::int64_t thread_blocks(const Point& point, std::int64_t) {
  return point.number("threads") * point.number("blocks");
}

constexpr Param kParams[] = {
    {"threads", "count", "threads that allocate, one after another", "2", "1 2", "1 2 4"},
    {"blocks", "count", "blocks of each thread", "100", "1000"},
    {"block_bytes", "byte", "size of one block", "1000", "1000 200000"},
};
constexpr std::string_view kPhases[] = {"before", "main_blocks", "thread_blocks"};
constexpr Metric kMetrics[] = {
    observed("mallinfo_system_bytes", "byte", "mallinfo2: arena + hblkhd"),
    observed("mallinfo_in_use_bytes", "byte", "mallinfo2: uordblks + hblkhd"),
    observed("malloc_info_system_bytes", "byte", "malloc_info: current + mmap"),
    observed("malloc_info_in_use_bytes", "byte", "malloc_info: the same less fast and rest"),
    observed("malloc_stats_system_bytes", "byte", "malloc_stats: total system bytes"),
    observed("malloc_stats_in_use_bytes", "byte", "malloc_stats: total in use bytes"),
};
constexpr Ideal kIdeals[] = {
    {"main_blocks", "allocations_count", param<"blocks">, kExact},
    {"thread_blocks", "allocations_count", thread_blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "In use, says mallinfo2", .metric = "mallinfo_in_use_bytes", .facet = "threads"},
    {.title = "In use, says malloc_info", .metric = "malloc_info_in_use_bytes", .facet = "threads"},
    {.title = "In use, says malloc_stats",
     .metric = "malloc_stats_in_use_bytes",
     .facet = "threads"},
};
constexpr std::string_view kClaims[] = {"stats-agree", "mallinfo-main-only"};

constexpr Experiment stats_agree{
    .name = "stats_agree",
    .family = "statistics",
    .question = "Do malloc_stats, mallinfo2 and malloc_info tell the same story, for all arenas?",
    .method = "Known blocks from the main thread, then from other threads; all three reports.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "In use, says mallinfo2", .metric = "mallinfo_in_use_bytes"},
    .claims = kClaims,
    .threads_limit = 5,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(stats_agree);

}  // namespace
}  // namespace lab
