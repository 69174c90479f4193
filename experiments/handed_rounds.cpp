// Question: does memory grow when the same live bytes are made by one thread and freed by the next?
// Method:   rounds: thread r allocates a fixed number of bytes; thread r + 1 frees them all. With
//           `together` every thread does so with its share at the same time.
// Ideal:    the footprint after each `produce` is the live bytes, whoever made them.
// Watch:    an allocator that keeps freed blocks with the thread that freed them holds one set for
//           each thread; one that gives them back to their maker holds one set.
#include "experiments/workload/contention.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kBlockBytes = 1024;

std::int64_t live_bytes(const Point& point, std::int64_t) { return point.number("live_bytes"); }
Needs needs(const Point& point) {
  return {.memory_bytes = 2 * point.number("threads") * point.number("live_bytes")};
}

// A range of the table that one thread fills and another empties.
struct Share {
  void** blocks;
  std::size_t count;

  void fill(RequestLog& log) const {
    for (std::size_t i = 0; i < count; ++i) {
      blocks[i] = log.malloc(kBlockBytes);
      write_range(blocks[i], kBlockBytes, kBlockBytes);
    }
  }
  void empty(RequestLog& log) const {
    for (std::size_t i = 0; i < count; ++i) log.free(blocks[i], kBlockBytes);
  }
};

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::size_t blocks = static_cast<std::size_t>(lab.param("live_bytes")) / kBlockBytes;
  const bool together = lab.is("turns", "together");
  void** table = lab.scratch_array<void*>(blocks);
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  const auto share_of = [&](int index) {
    const std::size_t count = blocks / static_cast<std::size_t>(threads);
    return Share{table + static_cast<std::size_t>(index) * count, count};
  };

  for (int round = 0; round < 2 * threads; ++round) {
    const int maker = round % threads;
    lab.mark("produce");
    if (together) team.run([&](int index) { share_of(index).fill(workers[index].log); });
    else team.run_on(maker, [&](int index) { Share{table, blocks}.fill(workers[index].log); });
    workers.report(lab);
    lab.mark("consume");
    const auto next = [&](int index) { return (index + round + 1) % threads; };
    if (together) team.run([&](int index) { share_of(next(index)).empty(workers[index].log); });
    else
      team.run_on((maker + 1) % threads, [&](int index) {
        Share{table, blocks}.empty(workers[index].log);
      });
    workers.report(lab);
  }
  lab.mark("release");
  lab.release_free_memory();
  lab.mark("end");
}

constexpr Description handed_rounds{
    .name = "handed_rounds",
    .family = "contention",
    .question =
        "Does memory grow when the same live bytes are made by one thread and freed by the "
        "next?",
    .method =
        "Rounds: one thread allocates a fixed number of bytes, the next one frees them all; or "
        "all threads do so with their share at once.",
    .params = {{"threads", "count", "threads that make and free in turn", "2", "4", "2 4 8"},
               {"turns", "token", "one thread after the other, or all with their share at once",
                "one_by_one together"},
               {"live_bytes", "byte", "live bytes after each `produce`", "256KiB", "8MiB",
                "64MiB"}},
    .phases = {"produce", "consume", "release"},
    .ideals = {{"produce", "rss_anon_bytes", live_bytes},
               {"consume", "rss_anon_bytes", nothing},
               {"release", "rss_anon_bytes", nothing},
               {"produce", "live_bytes", live_bytes, kExact},
               {"consume", "live_bytes", nothing, kExact}},
    .plots = {view(
        "Footprint at the same live bytes, round by round, as they pass from thread to thread",
        "rss_anon_bytes", Panels("turns"), kSinceStart)},
    .table = view("RSS anon since the start, after the last `produce`", "rss_anon_bytes",
                  In("produce"), Over("turns"), kSinceStart),
    .claims = {"blowup-bounded"},
    .needs = needs,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(handed_rounds);

}  // namespace
}  // namespace lab
