// Question: what does it cost when whole batches of blocks travel between threads?
// Method:   every thread makes a batch of blocks, appends it to a shared queue, takes the oldest
//           batch, whoever made it, and frees its blocks; again and again.
// Ideal:    the time of the control, which links and moves the same batches without an allocator.
// Watch:    the lock of the shared queue is in both; it is taken twice for 128 blocks.
#include "experiments/workload/batches.h"

namespace lab {
namespace {

constexpr int kUnderWay = 2;  // batches of each thread: the oldest is then seldom its own

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t batches = lab.param("batches");
  constexpr std::size_t kPlaces = BatchMaker::kBlocks * (kUnderWay + 1);
  const BlockSource source(lab, static_cast<std::size_t>(threads) * kPlaces,
                           BatchMaker::kBlockBytes);
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  BatchQueue queue;
  const auto travel = [&](int index) {
    BatchMaker maker(workers[index], source, static_cast<std::size_t>(index) * kPlaces);
    for (int i = 0; i < kUnderWay; ++i) queue.push(maker.make());
    for (std::int64_t i = 0; i < batches; ++i) {
      queue.push(maker.make());
      maker.free(queue.pop());
    }
    for (int i = 0; i < kUnderWay; ++i) maker.free(queue.pop());
  };

  lab.mark("travel");
  team.run(travel);
  workers.report(lab, source);
  lab.mark("end");
}

std::int64_t all_blocks(const Point& point, std::int64_t) {
  const std::int64_t batches = point.number("batches") + kUnderWay;
  const auto blocks = static_cast<std::int64_t>(BatchMaker::kBlocks);
  return unless_control(point, point.number("threads") * batches * blocks);
}

constexpr Description xmalloc_batches{
    .name = "xmalloc_batches",
    .family = "contention",
    .question = "What does it cost when whole batches of blocks travel between threads?",
    .method =
        "Every thread makes a batch of blocks, appends it to a shared queue, takes the oldest "
        "and frees its blocks.",
    .params = {kThreadsParam,
               kWorkloadParam,
               {"batches", "count", "batches of 128 blocks that each thread makes", "20", "8000",
                "40000"}},
    .phases = {"travel"},
    .ideals = {{"travel", "allocations_count", all_blocks, kExact},
               {"travel", "frees_count", all_blocks, kExact}},
    .plots = {against_control(
                  "Batches travel between threads: a flat line scales as the machine does",
                  "travel"),
              view("Memory that stays after all batches are freed", "rss_anon_bytes", In("travel"),
                   Over("threads"), Where("workload=allocate"), kSinceStart)},
    .claims = {"glibc-slow-threads"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(xmalloc_batches);

}  // namespace
}  // namespace lab
