// Question:  which freed memory goes back to the kernel by itself, and which only when asked?
// Method:    fill a heap with equal blocks, touch them, free them in an order or all but some,
//            then ask the allocator to release what is free.
// Ideal:     what stays resident is the pages that hold a survivor, after free already.
// Watch:     only memory at the end of glibc's heap is trimmed by free; malloc_trim also purges
//            whole free pages inside.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

// One block of so many survives; 0: none does.
std::int64_t survivor_spacing(std::string_view pattern) {
  if (pattern == "survivors_0_1_percent") return 1000;
  if (pattern == "survivors_1_percent") return 100;
  if (pattern == "survivors_10_percent") return 10;
  return 0;
}

std::int64_t survivors(const Point& point) {
  if (point.is("pattern", "pin_at_top")) return 1;
  const std::int64_t spacing = survivor_spacing(point.text("pattern"));
  const std::int64_t blocks = point.number("heap_bytes") / point.number("block_bytes");
  return spacing == 0 ? 0 : (blocks + spacing - 1) / spacing;
}

// Survivors are at least a page apart, so that each holds the pages it spans.
std::int64_t survivor_pages_bytes(const Point& point, std::int64_t page_bytes) {
  const std::int64_t block = point.number("block_bytes");
  return survivors(point) * ((block + page_bytes - 1) / page_bytes) * page_bytes;
}

std::int64_t heap_bytes(const Point& point, std::int64_t) { return point.number("heap_bytes"); }

Needs needs(const Point& point) { return {.memory_bytes = 2 * point.number("heap_bytes")}; }

void run(Context& lab) {
  const auto block_bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("heap_bytes")) / block_bytes;
  const auto spacing = static_cast<std::size_t>(survivor_spacing(lab.text("pattern")));
  const bool pin = lab.is("pattern", "pin_at_top");
  const bool top_down = lab.is("pattern", "top_down");
  const std::size_t page_bytes = lab.page_bytes();
  void** blocks = lab.scratch_array<void*>(count);
  RequestLog heap;

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i] = heap.malloc(block_bytes);
    write_range(blocks[i], block_bytes, page_bytes);
  }
  heap.report(lab);
  lab.mark("free");
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t i = top_down ? count - 1 - step : step;
    const bool survives = (pin && i == count - 1) || (spacing != 0 && i % spacing == 0);
    if (!survives) heap.free(blocks[i], block_bytes);
  }
  heap.report(lab);
  lab.mark("release");
  lab.release_free_memory();
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return point.number("heap_bytes") / point.number("block_bytes");
}
std::int64_t freed_blocks(const Point& point, std::int64_t) {
  const std::int64_t spacing = survivor_spacing(point.text("pattern"));
  const std::int64_t pinned = point.is("pattern", "pin_at_top") ? 1 : 0;
  const std::int64_t scattered =
      spacing == 0 ? 0 : one_in(static_cast<std::size_t>(spacing), blocks(point, 0));
  return blocks(point, 0) - pinned - scattered;
}

constexpr Param kParams[] = {
    {"heap_bytes", "byte", "sum of all blocks", "1MiB", "16MiB", "256MiB"},
    {"block_bytes", "byte", "size of one block", "1KiB", "1KiB", "512 1KiB 4KiB 64KiB"},
    {"pattern", "token", "which blocks are freed, and in which order",
     "top_down bottom_up pin_at_top survivors_1_percent",
     "top_down bottom_up pin_at_top survivors_0_1_percent survivors_1_percent "
     "survivors_10_percent"},
};
constexpr Param kKnobs[] = {
    {"trim_threshold_bytes", "byte", "free top of the heap that free gives back", "absent",
     "absent 128KiB 64MiB", "absent 64KiB 128KiB 1MiB 1GiB"},
};
constexpr std::string_view kPhases[] = {"allocate", "free", "release"};
constexpr Ideal kIdeals[] = {
    {"allocate", "rss_anon_bytes", heap_bytes},
    {"free", "rss_anon_bytes", survivor_pages_bytes},
    {"release", "rss_anon_bytes", survivor_pages_bytes},
    {"allocate", "allocations_count", blocks, kExact},
    {"free", "frees_count", freed_blocks, kExact},
};
constexpr View kPlots[] = {
    {.title = "What stays resident after free",
     .metric = "rss_anon_bytes",
     .phase = "free",
     .x = "pattern",
     .facet = "trim_threshold_bytes",
     .since_start = true},
    {.title = "What stays resident after asking for release",
     .metric = "rss_anon_bytes",
     .phase = "release",
     .x = "pattern",
     .facet = "trim_threshold_bytes",
     .since_start = true},
    {.title = "Giving back costs system calls: brk during free",
     .metric = "brk_calls_count",
     .phase = "free",
     .x = "pattern",
     .facet = "trim_threshold_bytes"},
};
constexpr std::string_view kClaims[] = {"top-trim-128k", "top-pin", "trim-top-only",
                                        "brk-free-kept"};

constexpr Experiment heap_trim{
    .name = "heap_trim",
    .family = "trim",
    .question = "Which freed memory goes back to the kernel by itself, and which only when asked?",
    .method = "Fill a heap with equal blocks, free them in an order or all but some, then release.",
    .params = kParams,
    .knobs = kKnobs,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start, after free",
              .metric = "rss_anon_bytes",
              .phase = "free",
              .x = "pattern",
              .facet = "trim_threshold_bytes",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(heap_trim);

}  // namespace
}  // namespace lab
