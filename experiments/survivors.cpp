// Question: after a peak, how much memory do a few scattered survivors hold back?
// Method:   allocate a peak of small blocks; of every `spacing_bytes` keep a run of the given
//           share, at least one block, and free the rest; idle; release.
// Ideal:    only the pages that hold a survivor stay: all of them at 4 KiB, few at 2 MiB.
// Watch:    at 4 KiB and 1 ‰ one block of 32 bytes would be 8 ‰: that point is left out.
#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

constexpr std::int64_t kBlockBytes = 32;

std::int64_t run_bytes(const Point& point) {
  const std::int64_t bytes =
      point.number("spacing_bytes") * point.number("survivors_permille") / 1000;
  return bytes < kBlockBytes ? kBlockBytes : bytes / kBlockBytes * kBlockBytes;
}

std::int64_t peak_bytes(const Point& point, std::int64_t) { return point.number("peak_bytes"); }

std::int64_t pinned_bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("peak_bytes") / point.number("spacing_bytes") *
         pages_for(run_bytes(point), page_bytes) * page_bytes;
}

bool one_block_is_not_more_than_the_share(const Point& point) {
  return point.number("spacing_bytes") * point.number("survivors_permille") / 1000 >= kBlockBytes;
}

void run(Context& lab) {
  const std::int64_t spacing_bytes = lab.param("spacing_bytes");
  const auto blocks = static_cast<std::size_t>(lab.param("peak_bytes") / kBlockBytes);
  const auto period = static_cast<std::size_t>(spacing_bytes / kBlockBytes);
  const std::size_t kept =
      period * static_cast<std::size_t>(lab.param("survivors_permille")) / 1000;
  LiveSet live(lab, blocks);

  lab.mark("peak");
  for (std::size_t slot = 0; slot < blocks; ++slot) live.place(slot, kBlockBytes);
  live.report(lab);
  lab.mark("free");
  for (std::size_t slot = 0; slot < blocks; ++slot)
    if (slot % period >= kept) live.drop(slot);
  live.report(lab);
  lab.statistics();
  lab.mark("idle");
  lab.tick(lab.param("idle_ms"));
  lab.mark("release");
  lab.release_free_memory();
  lab.statistics();
}

std::int64_t peak_blocks(const Point& point, std::int64_t) {
  return point.number("peak_bytes") / kBlockBytes;
}
std::int64_t surviving_bytes(const Point& point, std::int64_t) {
  return point.number("peak_bytes") / point.number("spacing_bytes") * run_bytes(point);
}

constexpr Description survivors{
    .name = "survivors",
    .family = "fragmentation",
    .question = "After a peak, how much memory do a few scattered survivors hold back?",
    .method =
        "A peak of small blocks; of every stretch a run of survivors stays, the rest is freed; "
        "idle; release.",
    .params =
        {{"peak_bytes", "byte", "sum of all blocks at the peak", "2MiB", "32MiB", "32MiB 1GiB"},
         {"survivors_permille", "permille", "share of the peak that stays live", "10", "1 10 100"},
         {"spacing_bytes", "byte", "distance from one run of survivors to the next", "4KiB 2MiB"},
         {"idle_ms", "ms", "time that passes after free, with a small request each millisecond",
          "2", "500", "30000"}},
    .phases = {"peak", "free", "idle", "release"},
    .ideals = {{"peak", "rss_anon_bytes", peak_bytes},
               {"free", "rss_anon_bytes", pinned_bytes},
               {"idle", "rss_anon_bytes", pinned_bytes},
               {"release", "rss_anon_bytes", pinned_bytes},
               {"peak", "allocations_count", peak_blocks, kExact},
               {"free", "live_bytes", surviving_bytes, kExact}},
    .plots =
        {view("Survivors on every page hold back the whole peak, survivors 2 MiB apart need not",
              "rss_anon_bytes", Panels("spacing_bytes"), Where("survivors_permille=10"),
              kSinceStart),
         view("What stays after asking for release", "rss_anon_bytes", In("release"),
              Over("survivors_permille"), Panels("spacing_bytes"), kSinceStart)},
    .table = view("RSS anon since the start, after release", "rss_anon_bytes", In("release"),
                  Over("survivors_permille"), Panels("spacing_bytes"), kSinceStart),
    .applies = one_block_is_not_more_than_the_share,
    .needs = memory_of<"peak_bytes", 4>,
    .mostly_idle = true,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(survivors);

}  // namespace
}  // namespace lab
