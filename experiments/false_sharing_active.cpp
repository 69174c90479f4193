// Question: does the allocator hand blocks of one cache line to different threads?
// Method:   all threads allocate small blocks at the same time; count those that share a line with
//           another thread's; then every thread writes its own again and again.
// Ideal:    no block shares a line; the writes take the time of the control.
// Watch:    the count needs no timing; the time of a shared line depends on the CPUs' distance.
#include "experiments/workload/describe.h"
#include "experiments/workload/line_sharing.h"

namespace lab {
namespace {

constexpr std::size_t kBlocks = 64;  // of each thread

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t writes = lab.param("writes");
  const BlockSource source(lab, static_cast<std::size_t>(threads) * kBlocks, kLineBytes);
  SharedLines lines(lab, threads, kBlocks);
  Workers workers(lab, threads);
  ThreadTeam team(threads);

  lab.mark("allocate");
  team.run([&](int index) { lines.take(index, workers[index], source); });
  workers.report(lab, source);
  lab.observe("line_sharing_blocks_count", lines.sharing_blocks());
  lab.mark("write");
  team.run([&](int index) { lines.write(index, writes); });
  lab.mark("end");
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return unless_control(point, point.number("threads") * static_cast<std::int64_t>(kBlocks));
}

constexpr Param kParams[] = {
    kThreadsParam,
    kWorkloadParam,
    {"writes", "count", "times that each thread writes each of its blocks", "100", "400000",
     "4000000"},
};
constexpr std::string_view kPhases[] = {"allocate", "write"};
constexpr Metric kMetrics[] = {
    observed("line_sharing_blocks_count", "count",
             "blocks that lie on a cache line with a block of another thread", Better::lower),
};
constexpr Ideal kIdeals[] = {
    {"allocate", "line_sharing_blocks_count", nothing},
    {"allocate", "allocations_count", blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "Blocks that share a cache line with another thread's",
     .metric = "line_sharing_blocks_count",
     .phase = "allocate",
     .x = "threads",
     .where = "workload=allocate"},
    {.title = "What sharing lines costs: time to write the same number of times",
     .metric = "wall_ns",
     .phase = "write",
     .x = "threads",
     .facet = "workload"},
};

constexpr Experiment false_sharing_active{
    .name = "false_sharing_active",
    .family = "contention",
    .question = "Does the allocator hand blocks of one cache line to different threads?",
    .method =
        "All threads allocate small blocks at the same time, then write their own again and again.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Blocks that share a cache line with another thread's",
              .metric = "line_sharing_blocks_count",
              .phase = "allocate",
              .x = "threads",
              .where = "workload=allocate"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(false_sharing_active);

}  // namespace
}  // namespace lab
