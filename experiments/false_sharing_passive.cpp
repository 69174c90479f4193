// Question: does a line that threads once shared stay shared after they free and allocate again?
// Method:   one thread allocates neighbouring small blocks and deals them out; every thread frees
//           its own and allocates as many anew; count those that share a line; then write them.
// Ideal:    no new block shares a line; the writes take the time of the control.
// Watch:    a free block that its last holder gets again carries the shared line over.
#include "experiments/workload/describe.h"
#include "experiments/workload/line_sharing.h"

namespace lab {
namespace {

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t writes = lab.param("writes");
  const BlockSource source(lab, SharedLines::places(threads), kLineBytes);
  SharedLines lines(lab, threads);
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

constexpr Description false_sharing_passive{
    .name = "false_sharing_passive",
    .family = "contention",
    .question =
        "Does a line that threads once shared stay shared after they free and allocate again?",
    .method =
        "One thread deals neighbouring small blocks out; every thread frees its own, allocates as "
        "many "
        "anew and writes them.",
    .params = kSharingParams,
    .phases = {"deal", "swap", "write"},
    .metrics = kSharingMetrics,
    .ideals = {{"swap", "line_sharing_blocks_count", nothing},
               {"deal", "allocations_count", all_sharing_blocks, kExact},
               {"swap", "frees_count", all_sharing_blocks, kExact},
               {"swap", "allocations_count", all_sharing_blocks, kExact}},
    .plots = {sharing_view("swap"),
              against_control("What sharing lines costs: time of the same writes", "write")},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(false_sharing_passive);

}  // namespace
}  // namespace lab
