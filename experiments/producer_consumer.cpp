// Question: what does it cost when blocks are freed by another thread than the one that made them?
// Method:   threads in a ring; each allocates, hands a share of its blocks to the next through a
//           bounded queue, frees the rest itself, and frees what it is handed.
// Ideal:    the time does not depend on the share, beyond what the control pays for handing over.
// Watch:    with one thread the ring is the thread itself: handing over without another thread.
#include "experiments/workload/ring.h"

namespace lab {
namespace {

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const auto blocks = static_cast<std::size_t>(lab.param("blocks"));
  const auto remote_percent = static_cast<std::uint64_t>(lab.param("remote_percent"));
  const BlockSource source(lab, static_cast<std::size_t>(threads) * RingThread::kPlaces,
                           RingThread::kLargestBytes);
  HandOver* queues = lab.scratch_array<HandOver>(static_cast<std::size_t>(threads));
  Workers workers(lab, threads);
  ThreadTeam team(threads);

  lab.mark("work");
  team.run([&](int index) {
    RingThread thread{workers[index], source, queues[index], queues[(index + 1) % threads],
                      static_cast<std::size_t>(index) * RingThread::kPlaces};
    thread.work(blocks, remote_percent);
  });
  workers.report(lab, source);
  lab.mark("end");
}

std::int64_t all_blocks(const Point& point, std::int64_t) {
  return unless_control(point, point.number("threads") * point.number("blocks"));
}

constexpr Description producer_consumer{
    .name = "producer_consumer",
    .family = "contention",
    .question =
        "What does it cost when blocks are freed by another thread than the one that made "
        "them?",
    .method =
        "Threads in a ring: each allocates, hands a share of its blocks to the next, frees the "
        "rest, and frees what it is handed.",
    .params = {kThreadsParam,
               kWorkloadParam,
               {"remote_percent", "percent", "share of the blocks that the next thread frees",
                "0 100", "0 25 50 100"},
               {"blocks", "count", "blocks each thread makes", "2000", "400000", "2000000"}},
    .phases = {"work"},
    .ideals = {{"work", "allocations_count", all_blocks, kExact},
               {"work", "frees_count", all_blocks, kExact}},
    .plots = {against_control("The price of freeing another thread's block, two threads", "work",
                              "remote_percent", "workload=allocate threads=2"),
              against_control(
                  "All blocks freed by another thread: a flat line scales as the machine does",
                  "work", "threads", "workload=allocate remote_percent=100"),
              view("Time for the same number of blocks per thread, and its context switches",
                   "wall_ns context_switches_count", In("work"), Over("remote_percent"),
                   Panels("threads"), Where("workload=allocate"))},
    .claims = {"glibc-slow-threads"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(producer_consumer);

}  // namespace
}  // namespace lab
