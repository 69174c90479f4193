// Question: does the allocator hand blocks of one cache line to different threads?
// Method:   all threads allocate small blocks at the same time; count those that share a line with
//           another thread's; then every thread writes its own again and again.
// Ideal:    no block shares a line; the writes take the time of the control.
// Watch:    the count needs no timing; the time of a shared line depends on the CPUs' distance.
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

  lab.mark("allocate");
  team.run([&](int index) { lines.take(index, workers[index], source); });
  workers.report(lab, source);
  lab.observe("line_sharing_blocks_count", lines.sharing_blocks());
  lab.mark("write");
  team.run([&](int index) { lines.write(index, writes); });
  lab.mark("end");
}

constexpr Description false_sharing_active{
    .name = "false_sharing_active",
    .family = "contention",
    .question = "Does the allocator hand blocks of one cache line to different threads?",
    .method =
        "All threads allocate small blocks at the same time, then write their own again and again.",
    .params = kSharingParams,
    .phases = {"allocate", "write"},
    .metrics = kSharingMetrics,
    .ideals = {{"allocate", "line_sharing_blocks_count", nothing},
               {"allocate", "allocations_count", all_sharing_blocks, kExact}},
    .plots = {sharing_view("allocate"),
              against_control("What sharing lines costs: time of the same writes", "write")},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(false_sharing_active);

}  // namespace
}  // namespace lab
