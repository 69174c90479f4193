// Question: does a limit on the number of arenas lower the memory of a threaded program?
// Method:   threads take turns in a burst: allocate, free all but one block in twenty, next thread.
//           Live bytes at the end are a twentieth of all bursts.
// Ideal:    the holes of one burst serve the next: the footprint of one burst and the survivors.
// Watch:    blocks above glibc's mmap threshold belong to no arena; but unless it is pinned, the
//           threshold rises with the first such block that is freed.
#include "experiments/workload/burst.h"
#include "experiments/workload/contention.h"

namespace lab {
namespace {

// One burst less its survivors, and the survivors of all bursts.
std::int64_t one_burst_and_survivors(const Point& point, std::int64_t) {
  const std::int64_t burst_bytes = point.number("burst_bytes");
  return burst_bytes +
         (point.number("threads") - 1) * burst_bytes / static_cast<std::int64_t>(kKeepOneIn);
}
Needs needs(const Point& point) {
  return {.memory_bytes = 2 * point.number("threads") * point.number("burst_bytes")};
}

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const auto block_bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::size_t blocks = static_cast<std::size_t>(lab.param("burst_bytes")) / block_bytes;
  const std::size_t page_bytes = lab.page_bytes();
  void** table = lab.scratch_array<void*>(blocks);
  RequestLog log;
  ThreadTeam team(threads);
  const auto burst = [&](int) {
    for (std::size_t i = 0; i < blocks; ++i) {
      table[i] = log.malloc(block_bytes);
      write_range(table[i], block_bytes, page_bytes);
    }
    for (std::size_t i = 0; i < blocks; ++i)
      if (i % kKeepOneIn != 0) log.free(table[i], block_bytes);
  };

  for (int index = 0; index < threads; ++index) {
    lab.mark("burst");
    team.run_on(index, burst);
    log.report(lab);
  }
  lab.mark("release");
  lab.release_free_memory();
  lab.mark("end");
}

constexpr Description arena_limit{
    .name = "arena_limit",
    .family = "contention",
    .question = "Does a limit on the number of arenas lower the memory of a threaded program?",
    .method = "Threads take turns in a burst: allocate, free all but one block in twenty, next.",
    .params = {{"threads", "count", "threads that burst in turn", "2", "8", "8 32"},
               {"burst_bytes", "byte", "bytes of one burst", "1MiB", "4MiB", "32MiB"},
               {"block_bytes", "byte", "size of one block", "1KiB", "1KiB 256KiB",
                "1KiB 64KiB 256KiB"}},
    .knobs = {{"arena_max_count", "count", "most arenas the allocator may make", "absent 2",
               "absent 2", "absent 1 2"},
              {"mmap_threshold_bytes", "byte", "size from which a block gets a mapping of its own",
               "absent", "absent 128KiB"}},
    .phases = {"burst", "release"},
    .ideals = {{"burst", "rss_anon_bytes", one_burst_and_survivors},
               {"burst", "allocations_count", burst_blocks, kExact},
               {"burst", "frees_count", freed_blocks, kExact}},
    .plots =
        {view("Bursts of eight threads in turn: footprint after each, with and without a limit",
              "rss_anon_bytes", Panels("arena_max_count"),
              Where("block_bytes=1KiB mmap_threshold_bytes=absent"), kSinceStart),
         view("Footprint after bursts of 256 KiB blocks, by number of arenas and mmap threshold",
              "rss_anon_bytes", In("burst"), Over("allocator"), Series("arena_max_count"),
              Panels("mmap_threshold_bytes"), Where("block_bytes=256KiB"), kSinceStart)},
    .table = view("RSS anon since the start, after the last burst", "rss_anon_bytes", In("burst"),
                  Over("block_bytes"), Panels("arena_max_count"), kSinceStart),
    .claims = {"arena-max-helps"},
    .needs = needs,
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(arena_limit);

}  // namespace
}  // namespace lab
