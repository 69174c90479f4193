// Question: does a line that threads once shared stay shared after they free and allocate again?
// Method:   one thread allocates neighbouring small blocks and deals them out; every thread frees
//           its own and allocates as many anew; count those that share a line; then write them.
// Ideal:    no new block shares a line; the writes take the time of the control.
// Watch:    a free block that its last holder gets again carries the shared line over.
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
  // A thread whose first call is a free is a special case for some allocators.
  team.run([&](int) { source.give_back(source.take(0, SharedLines::kBlockBytes)); });

  lab.mark("deal");
  team.run_on(0, [&](int index) { lines.deal(workers[index], source); });
  workers.report(lab, source);
  lab.mark("swap");
  team.run([&](int index) {
    lines.give_back(index, workers[index], source);
    lines.take(index, workers[index], source);
  });
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
constexpr std::string_view kPhases[] = {"deal", "swap", "write"};
constexpr Metric kMetrics[] = {
    observed("line_sharing_blocks_count", "count",
             "blocks that lie on a cache line with a block of another thread", Better::lower),
};
constexpr Ideal kIdeals[] = {
    {"swap", "line_sharing_blocks_count", nothing},
    {"deal", "allocations_count", blocks, kExact},
    {"swap", "frees_count", blocks, kExact},
    {"swap", "allocations_count", blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "Blocks that share a cache line with another thread's",
     .metric = "line_sharing_blocks_count",
     .phase = "swap",
     .x = "threads",
     .where = "workload=allocate"},
    {.title = "What sharing lines costs: time to write the same number of times",
     .metric = "wall_ns",
     .phase = "write",
     .x = "threads",
     .facet = "workload"},
};

constexpr Experiment false_sharing_passive{
    .name = "false_sharing_passive",
    .family = "contention",
    .question =
        "Does a line that threads once shared stay shared after they free and allocate again?",
    .method =
        "One thread deals neighbouring small blocks out; every thread frees its own, allocates as "
        "many "
        "anew and writes them.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Blocks that share a cache line with another thread's",
              .metric = "line_sharing_blocks_count",
              .phase = "swap",
              .x = "threads",
              .where = "workload=allocate"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(false_sharing_passive);

}  // namespace
}  // namespace lab
