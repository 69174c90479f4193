// Question: what does it cost when blocks are freed by another thread than the one that made them?
// Method:   threads in a ring; each allocates, hands a share of its blocks to the next through a
//           bounded queue, frees the rest itself, and frees what it is handed.
// Ideal:    the time does not depend on the share, beyond what the control pays for handing over.
// Watch:    with one thread the ring is the thread itself: handing over without another thread.
#include <sched.h>

#include "experiments/workload/contention.h"
#include "experiments/workload/hand_over.h"

namespace lab {
namespace {

constexpr std::size_t kLargestBytes = 512;
constexpr std::size_t kPlaces = 2 * HandOver::kCapacity;  // of the control: more than are under way

// A block starts with its size, so that the thread that frees it knows what it frees.
struct RingThread {
  Worker& worker;
  const BlockSource& source;
  HandOver& in;
  HandOver& out;
  std::size_t first_place;
  std::size_t handed = 0;

  std::size_t* make() {
    const std::size_t bytes = 16 + worker.rng.below(kLargestBytes - 16 + 1);
    worker.log.note_allocation(bytes);
    auto* block = static_cast<std::size_t*>(source.take(first_place + handed % kPlaces, bytes));
    *block = bytes;
    return block;
  }

  void free(std::size_t* block) {
    worker.log.note_free(*block);
    source.give_back(block);
  }

  // Frees all that has arrived. Returns false when nothing had.
  bool free_arrived() {
    auto* block = static_cast<std::size_t*>(in.pop());
    if (block == nullptr) return false;
    for (; block != nullptr; block = static_cast<std::size_t*>(in.pop())) free(block);
    return true;
  }

  void work(std::size_t blocks, std::uint64_t remote_percent) {
    for (std::size_t number = 0; number < blocks; ++number) {
      std::size_t* block = make();
      if (worker.rng.below(100) >= remote_percent) {
        free(block);
        continue;
      }
      while (!out.push(block))
        if (!free_arrived()) sched_yield();
      ++handed;
      if (number % 64 == 0) free_arrived();
    }
    out.close();
    while (!in.drained())
      if (!free_arrived()) sched_yield();
  }
};

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const auto blocks = static_cast<std::size_t>(lab.param("blocks"));
  const auto remote_percent = static_cast<std::uint64_t>(lab.param("remote_percent"));
  const BlockSource source(lab, static_cast<std::size_t>(threads) * kPlaces, kLargestBytes);
  HandOver* queues = lab.scratch_array<HandOver>(static_cast<std::size_t>(threads));
  Workers workers(lab, threads);
  ThreadTeam team(threads);

  lab.mark("work");
  team.run([&](int index) {
    RingThread thread{workers[index], source, queues[index], queues[(index + 1) % threads],
                      static_cast<std::size_t>(index) * kPlaces};
    thread.work(blocks, remote_percent);
  });
  workers.report(lab, source);
  lab.mark("end");
}

std::int64_t all_blocks(const Point& point, std::int64_t) {
  return unless_control(point, point.number("threads") * point.number("blocks"));
}

constexpr Param kParams[] = {
    kThreadsParam,
    kWorkloadParam,
    {"remote_percent", "percent", "share of the blocks that the next thread frees", "0 50",
     "0 25 50 100"},
    {"blocks", "count", "blocks each thread makes", "2000", "400000", "2000000"},
};
constexpr std::string_view kPhases[] = {"work"};
constexpr Ideal kIdeals[] = {
    {"work", "allocations_count", all_blocks, kExact},
    {"work", "frees_count", all_blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "The price of freeing another thread's block, two threads",
     .metric = "wall_ns",
     .phase = "work",
     .x = "remote_percent",
     .facet = "workload",
     .where = "threads=2"},
    {.title = "All blocks freed by another thread: time by number of threads",
     .metric = "wall_ns",
     .phase = "work",
     .x = "threads",
     .facet = "workload",
     .where = "remote_percent=100"},
};
constexpr std::string_view kClaims[] = {"glibc-slow-threads"};

constexpr Experiment producer_consumer{
    .name = "producer_consumer",
    .family = "contention",
    .question =
        "What does it cost when blocks are freed by another thread than the one that made "
        "them?",
    .method =
        "Threads in a ring: each allocates, hands a share of its blocks to the next, frees the "
        "rest, and frees what it is handed.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Time for the same number of blocks per thread",
              .metric = "wall_ns",
              .phase = "work",
              .x = "remote_percent",
              .series = "allocator",
              .facet = "threads",
              .where = "workload=allocate"},
    .claims = kClaims,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(producer_consumer);

}  // namespace
}  // namespace lab
