// Question:  what happens to large requests when the number of mapped blocks is limited?
// Method:    allocate and touch equal large blocks, free all but the last, then all.
// Ideal:     each block is resident while it lives and gone when it is freed.
// Watch:     above the limit the heap serves large blocks too, where a survivor on top pins the
//            rest.
#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

std::int64_t all_bytes(const Point& point, std::int64_t) {
  return point.number("blocks") * point.number("block_bytes");
}

Needs needs(const Point& point) { return {.memory_bytes = 2 * all_bytes(point, 0)}; }

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("blocks"));
  LiveSet live(lab, count);

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) live.place(i, bytes);
  live.report(lab);
  lab.mark("free_all_but_last");
  for (std::size_t i = 0; i + 1 < count; ++i) live.drop(i);
  live.report(lab);
  lab.mark("free_last");
  live.drop(count - 1);
  live.report(lab);
}

constexpr Description mmap_max{
    .name = "mmap_max",
    .family = "threshold",
    .question = "What happens to large requests when the number of mapped blocks is limited?",
    .method = "Allocate and touch equal large blocks, free all but the last, then all.",
    .params = {{"block_bytes", "byte", "size of one block", "256KiB", "256KiB 1MiB"},
               {"blocks", "count", "number of blocks", "8", "16", "64"}},
    .knobs = {{"mmap_max_count", "count", "mapped blocks allowed at one time", "absent 0",
               "absent 0 4"}},
    .phases = {"allocate", "free_all_but_last", "free_last"},
    .ideals = {{"allocate", "rss_anon_bytes", all_bytes},
               {"free_all_but_last", "rss_anon_bytes", param<"block_bytes">},
               {"free_last", "rss_anon_bytes", nothing},
               {"allocate", "allocations_count", param<"blocks">, kExact},
               {"allocate", "live_bytes", all_bytes, kExact},
               {"free_all_but_last", "live_bytes", param<"block_bytes">, kExact},
               {"free_last", "live_bytes", nothing, kExact}},
    .plots = {view("With mmap forbidden, the last block pins all others", "rss_anon_bytes",
                   Series("mmap_max_count"), Where("allocator=glibc block_bytes=1MiB"),
                   kSinceStart),
              view("System calls for the same blocks", "mmap_calls_count", In("allocate"),
                   Over("mmap_max_count"), Where("block_bytes=1MiB"))},
    .table = view("RSS anon since the start, after freeing all but the last", "rss_anon_bytes",
                  In("free_all_but_last"), Over("mmap_max_count"), Where("block_bytes=1MiB"),
                  kSinceStart),
    .claims = {"top-pin"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_max);

}  // namespace
}  // namespace lab
