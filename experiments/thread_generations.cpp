// Question: do threads that come and go while some of their blocks live on leave memory behind?
// Method:   each generation of threads allocates blocks, frees all but one in sixteen and ends;
//           then the main thread frees what the generation before has left.
// Ideal:    every generation has the footprint of the first: new threads use what ended ones left.
// Watch:    libc allocates storage for each new thread; those requests are not the body's.
#include "experiments/workload/contention.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kKeepOneIn = 16;
constexpr std::size_t kBlockBytes = 256;
constexpr std::int64_t kGenerations = 8;

std::int64_t generation_bytes(const Point& point, std::int64_t) {
  return point.number("threads") * point.number("thread_bytes");
}
Needs needs(const Point& point) {
  return {.memory_bytes = 2 * kGenerations * generation_bytes(point, 0)};
}

// A thread's life: fill the table with blocks, then free all but one in sixteen.
void live_and_end(RequestLog& log, void** table, std::size_t blocks) {
  for (std::size_t i = 0; i < blocks; ++i) {
    table[i] = log.malloc(kBlockBytes);
    write_range(table[i], kBlockBytes, kBlockBytes);
  }
  for (std::size_t i = 0; i < blocks; ++i)
    if (i % kKeepOneIn != 0) log.free(table[i], kBlockBytes);
}

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::size_t blocks = static_cast<std::size_t>(lab.param("thread_bytes")) / kBlockBytes;
  const std::size_t all_blocks = blocks * static_cast<std::size_t>(threads);
  void** tables[] = {lab.scratch_array<void*>(all_blocks), lab.scratch_array<void*>(all_blocks)};
  Worker* workers = lab.scratch_array<Worker>(static_cast<std::size_t>(threads));
  RequestLog log;
  const auto free_left = [&](void** table) {
    for (std::size_t i = 0; i < all_blocks; i += kKeepOneIn) log.free(table[i], kBlockBytes);
  };

  for (std::int64_t generation = 0; generation < kGenerations; ++generation) {
    lab.mark("generation");
    void** table = tables[generation % 2];
    run_in_new_threads(threads, [&](int index) {
      live_and_end(workers[index].log, table + static_cast<std::size_t>(index) * blocks, blocks);
    });
    for (int i = 0; i < threads; ++i) log.add(workers[i].log);
    if (generation > 0) free_left(tables[(generation + 1) % 2]);
    log.report(lab);
    lab.statistics();
  }
  lab.mark("free");
  free_left(tables[(kGenerations + 1) % 2]);
  log.report(lab);
  lab.mark("release");
  lab.release_free_memory();
}

std::int64_t generation_blocks(const Point& point, std::int64_t) {
  const auto block_bytes = static_cast<std::int64_t>(kBlockBytes);
  return point.number("threads") * (point.number("thread_bytes") / block_bytes);
}

constexpr Description thread_generations{
    .name = "thread_generations",
    .family = "contention",
    .question =
        "Do threads that come and go while some of their blocks live on leave memory behind?",
    .method =
        "Generations of threads allocate, free all but one block in sixteen and end; the main "
        "thread frees what the generation before has left.",
    .params = {kThreadsParam,
               {"thread_bytes", "byte",
                "bytes that each thread allocates in its life, in blocks of 256", "64KiB", "1MiB",
                "16MiB"}},
    .phases = {"generation", "free", "release"},
    .ideals = {{"generation", "rss_anon_bytes", generation_bytes},
               {"free", "rss_anon_bytes", nothing},
               {"release", "rss_anon_bytes", nothing},
               {"generation", "allocations_count", generation_blocks, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("Footprint after each generation of threads: the same, or growing",
                   "rss_anon_bytes", Panels("threads"), kSinceStart),
              view("Address space after each generation of threads", "vsz_bytes", Panels("threads"),
                   kSinceStart)},
    .table = view("RSS anon since the start, after the last generation", "rss_anon_bytes",
                  In("generation"), Over("threads"), kSinceStart),
    .needs = needs,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thread_generations);

}  // namespace
}  // namespace lab
