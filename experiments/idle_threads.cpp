// Question: what does each thread cost that allocates once and then does nothing?
// Method:   start threads; let each allocate one small block: one thread after the other, all at
//           once, or each in a thread that ends before the next starts. Then they sit.
// Ideal:    no address space beyond a page of blocks; threads that never contend share a heap.
// Watch:    VSZ grows by what is reserved, RSS by what is touched; `start` holds the stacks (256
//           KiB each, from libc). Heaps are counted as the 64 MiB stretches that hold a block.
#include "experiments/workload/contention.h"
#include "experiments/workload/stretches.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kBlockBytes = 64;
Needs needs(const Point& point) { return {.memory_bytes = point.number("threads") << 20}; }

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  void** blocks = lab.scratch_array<void*>(static_cast<std::size_t>(threads));
  Workers workers(lab, threads);
  const auto allocate = [&](int index) {
    blocks[index] = workers[index].log.malloc(kBlockBytes);
    write_range(blocks[index], kBlockBytes, kBlockBytes);
  };

  lab.mark("start");
  ThreadTeam team(lab.is("first_calls", "in_succession") ? 0 : threads);
  lab.mark("first_call");
  if (lab.is("first_calls", "together")) team.run(allocate);
  for (int index = 0; index < threads; ++index) {
    if (lab.is("first_calls", "one_by_one")) team.run_on(index, allocate);
    if (lab.is("first_calls", "in_succession"))
      run_in_new_threads(1, [&](int) { allocate(index); });
  }
  workers.report(lab);
  lab.observe("heaps_count", count_stretches(blocks, threads));
  lab.mark("end");
}

constexpr Description idle_threads{
    .name = "idle_threads",
    .family = "contention",
    .question = "What does each thread cost that allocates once and then does nothing?",
    .method =
        "Start threads; each allocates one small block: in turn, all at once, or in a thread "
        "that ends before the next starts.",
    .params = {{"threads", "count", "threads", "4", "4 16", "4 16 64 256"},
               {"first_calls", "token", "when the threads make their only request",
                "one_by_one together in_succession"}},
    .knobs = {{"arena_max_count", "count", "most arenas the allocator may make", "absent",
               "absent 1", "absent 1 2 8"}},
    .phases = {"start", "first_call"},
    .metrics = {observed("heaps_count", "count",
                         "64 MiB stretches of address space that hold a thread's block",
                         Better::lower)},
    .ideals = {{"start", "allocations_count", nothing, kExact},
               {"first_call", "allocations_count", param<"threads">, kExact},
               {"first_call", "live_bytes", param<"threads", kBlockBytes>, kExact}},
    .plots = {view("Heaps after one small request of each of 16 threads", "heaps_count",
                   In("first_call"), Over("first_calls"), Panels("arena_max_count"),
                   Where("threads=16")),
              view("Threads that make one request: addresses reserved, and memory really used",
                   "vsz_bytes rss_anon_bytes", In("first_call"), Over("threads"),
                   Where("first_calls=one_by_one arena_max_count=absent"), kSinceStart)},
    .table = view("Address space since the start", "vsz_bytes", In("first_call"), Over("threads"),
                  Panels("first_calls"), Where("arena_max_count=absent"), kSinceStart),
    .claims = {"arena-contention", "arena-64m"},
    .needs = needs,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(idle_threads);

}  // namespace
}  // namespace lab
