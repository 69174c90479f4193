// Question:  are holes that freed blocks leave reused without a fault or a system call?
// Method:    fill, free every second block, then ask for as many blocks as there are holes, of
//            the same, half or twice the size; everything is touched.
// Ideal:     blocks that fit cost nothing and add no resident page.
// Watch:     twice the size cannot fit between live neighbours; an allocator that keeps sizes
//            apart has no hole for another size.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

// Fits: the holes serve it. Otherwise all of it is new.
std::int64_t new_faults(const Point& point, std::int64_t page_bytes) {
  if (point.number("request_percent") <= 100) return 0;
  return 2 * point.number("holes") * point.number("hole_bytes") / page_bytes;
}

Needs needs(const Point& point) {
  return {.memory_bytes = 4 * point.number("holes") * point.number("hole_bytes")};
}

void run(Context& lab) {
  const auto hole_bytes = static_cast<std::size_t>(lab.param("hole_bytes"));
  const auto holes = static_cast<std::size_t>(lab.param("holes"));
  const auto percent = static_cast<std::size_t>(lab.param("request_percent"));
  const std::size_t bytes = hole_bytes * percent / 100;
  const std::size_t page_bytes = lab.page_bytes();
  void** blocks = lab.scratch_array<void*>(2 * holes);
  RequestLog heap;

  lab.mark("fill");
  for (std::size_t i = 0; i < 2 * holes; ++i) {
    blocks[i] = heap.malloc(hole_bytes);
    write_range(blocks[i], hole_bytes, page_bytes);
  }
  heap.report(lab);
  lab.mark("make_holes");
  for (std::size_t i = 0; i < 2 * holes; i += 2) heap.free(blocks[i], hole_bytes);
  heap.report(lab);
  lab.mark("reuse");
  for (std::size_t i = 0; i < holes; ++i) write_range(heap.malloc(bytes), bytes, page_bytes);
  heap.report(lab);
}

constexpr Description hole_reuse{
    .name = "hole_reuse",
    .family = "trim",
    .question = "Are holes that freed blocks leave reused without a fault or a system call?",
    .method = "Fill, free every second block, then ask for as many blocks of one of three sizes.",
    .params = {{"hole_bytes", "byte", "size of one hole", "4KiB", "256 4KiB 32KiB",
                "64 256 1KiB 4KiB 32KiB"},
               {"holes", "count", "number of holes", "64", "1000", "10000"},
               {"request_percent", "percent", "size asked for, of the hole's size", "100",
                "50 100 200"}},
    .phases = {"fill", "make_holes", "reuse"},
    .ideals = {{"reuse", "minor_faults_count", new_faults},
               {"fill", "allocations_count", param<"holes", 2>, kExact},
               {"make_holes", "frees_count", param<"holes">, kExact},
               {"reuse", "allocations_count", param<"holes">, kExact}},
    .plots = {view("Blocks that fit into holes cost no fault", "minor_faults_count", In("reuse"),
                   Over("request_percent"), Panels("hole_bytes")),
              view("Holes stay resident; reuse adds nothing", "rss_anon_bytes",
                   Panels("hole_bytes"), Where("request_percent=100"), kSinceStart)},
    .claims = {"hole-reuse", "brk-free-kept"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(hole_reuse);

}  // namespace
}  // namespace lab
