// Question:  what do the fragment fields of the allocator's statistics really count?
// Method:    holes of one known size and number between live blocks; statistics before and after.
// Ideal:     every hole appears as one free block of its size.
// Watch:     a thread cache keeps the first freed blocks and hides them from the free lists.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("hole_bytes"));
  const auto holes = static_cast<std::size_t>(lab.param("holes"));
  void** blocks = lab.scratch_array<void*>(2 * holes);
  RequestLog heap;

  lab.mark("fill");
  for (std::size_t i = 0; i < 2 * holes; ++i) blocks[i] = heap.malloc(bytes);
  heap.report(lab);
  lab.statistics();
  lab.mark("make_holes");
  for (std::size_t i = 0; i < 2 * holes; i += 2) heap.free(blocks[i], bytes);
  heap.report(lab);
  lab.statistics();
}

std::int64_t live(const Point& point, std::int64_t) {
  return point.number("holes") * point.number("hole_bytes");
}

constexpr Description mallinfo_fragments{
    .name = "mallinfo_fragments",
    .family = "statistics",
    .question = "What do the fragment fields of the allocator's statistics really count?",
    .method =
        "Holes of one known size and number between live blocks; statistics before and after.",
    .params = {{"hole_bytes", "byte", "size of one hole", "40 400 2000",
                "40 80 120 400 1000 2000 20000",
                "24 40 56 72 80 104 120 200 400 500 600 1000 1032 2000 20000 100000"},
               {"holes", "count", "number of holes", "100", "100", "100 1000"}},
    .phases = {"fill", "make_holes"},
    .ideals = {{"make_holes", "allocator_live_bytes", live},
               {"fill", "allocations_count", param<"holes", 2>, kExact},
               {"make_holes", "frees_count", param<"holes">, kExact},
               {"make_holes", "live_bytes", live, kExact}},
    .plots = {view("What the allocator counts as in use after every second block was freed",
                   "allocator_live_bytes", In("make_holes"), Over("hole_bytes")),
              view("What it counts as free", "allocator_free_bytes", In("make_holes"),
                   Over("hole_bytes"))},
    .claims = {"mallinfo-fragments"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mallinfo_fragments);

}  // namespace
}  // namespace lab
