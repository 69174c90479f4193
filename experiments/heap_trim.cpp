// Question:  which freed memory goes back to the kernel by itself, and which only when asked?
// Method:    fill a heap with equal blocks, touch them, free them in an order or all but some,
//            then ask the allocator to release what is free.
// Ideal:     what stays resident is the pages that hold a survivor, after free already.
// Watch:     only memory at the end of glibc's heap is trimmed by free; malloc_trim also purges
//            whole free pages inside.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

// One block of so many survives; 0: none does.
std::size_t survivor_spacing(std::string_view pattern) {
  if (pattern == "survivors_0_1_percent") return 1000;
  if (pattern == "survivors_1_percent") return 100;
  if (pattern == "survivors_10_percent") return 10;
  return 0;
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return point.number("heap_bytes") / point.number("block_bytes");
}
std::int64_t survivors(const Point& point) {
  if (point.is("pattern", "pin_at_top")) return 1;
  return one_in(survivor_spacing(point.text("pattern")), blocks(point, 0));
}
std::int64_t freed(const Point& point, std::int64_t) { return blocks(point, 0) - survivors(point); }

// Survivors are at least a page apart, so that each holds the pages it spans.
std::int64_t survivor_pages_bytes(const Point& point, std::int64_t page_bytes) {
  return survivors(point) * bytes_spanned<"block_bytes">(point, page_bytes);
}

void run(Context& lab) {
  const auto block_bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("heap_bytes")) / block_bytes;
  const auto spacing = survivor_spacing(lab.text("pattern"));
  const bool pin = lab.is("pattern", "pin_at_top");
  const bool top_down = lab.is("pattern", "top_down");
  LiveSet live(lab, count);

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) live.place(i, block_bytes);
  live.report(lab);
  lab.mark("free");
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t i = top_down ? count - 1 - step : step;
    const bool survives = (pin && i == count - 1) || (spacing != 0 && i % spacing == 0);
    if (!survives) live.drop(i);
  }
  live.report(lab);
  lab.mark("release");
  lab.release_free_memory();
}

constexpr Description heap_trim{
    .name = "heap_trim",
    .family = "trim",
    .question = "Which freed memory goes back to the kernel by itself, and which only when asked?",
    .method = "Fill a heap with equal blocks, free them in an order or all but some, then release.",
    .params = {{"heap_bytes", "byte", "sum of all blocks", "1MiB", "16MiB", "256MiB"},
               {"block_bytes", "byte", "size of one block", "1KiB", "1KiB", "512 1KiB 4KiB 64KiB"},
               {"pattern", "token", "which blocks are freed, and in which order",
                "top_down bottom_up pin_at_top survivors_1_percent",
                "top_down bottom_up pin_at_top survivors_0_1_percent survivors_1_percent "
                "survivors_10_percent"}},
    .knobs = {trim_threshold_knob("absent", "absent 128KiB 64MiB",
                                  "absent 64KiB 128KiB 1MiB 1GiB")},
    .phases = {"allocate", "free", "release"},
    .ideals = {{"allocate", "rss_anon_bytes", param<"heap_bytes">},
               {"free", "rss_anon_bytes", survivor_pages_bytes},
               {"release", "rss_anon_bytes", survivor_pages_bytes},
               {"allocate", "allocations_count", blocks, kExact},
               {"free", "frees_count", freed, kExact}},
    .plots = {view("What stays resident after free", "rss_anon_bytes", In("free"), Over("pattern"),
                   Panels("trim_threshold_bytes"), kSinceStart),
              view("What stays resident after asking for release", "rss_anon_bytes", In("release"),
                   Over("pattern"), Panels("trim_threshold_bytes"), kSinceStart),
              view("Giving back costs system calls: brk during free", "brk_calls_count", In("free"),
                   Over("pattern"), Panels("trim_threshold_bytes"))},
    .claims = {"top-trim-128k", "top-pin", "trim-top-only", "brk-free-kept"},
    .needs = memory_of<"heap_bytes", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(heap_trim);

}  // namespace
}  // namespace lab
