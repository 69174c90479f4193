// Question: what does it cost when a program changes the sizes it uses, at constant live bytes?
// Method:   fill with blocks of one size, then replace all of them, in random order, by blocks half
//           as large again; eight sizes. A share of the blocks of each size stays for good.
// Ideal:    the footprint stays at the live bytes: what one size frees, the next one uses.
// Watch:    a span that still holds one block of the old size cannot serve the new one.
#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

constexpr int kShifts = 7;
constexpr std::size_t kFirstBytes = 64;

std::int64_t live_bytes(const Point& point, std::int64_t) { return point.number("live_bytes"); }

// Drops all but one block in `keep_one_in` (0: all), beginning anywhere.
void drop_most(LiveSet& live, std::size_t from, std::size_t to, std::size_t keep_one_in, Rng& rng) {
  const std::size_t count = to - from;
  const std::size_t first = rng.below(count);
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t slot = from + (first + step * 7919) % count;
    if (keep_one_in == 0 || (slot - from) % keep_one_in != 0) live.drop(slot);
  }
}

void run(Context& lab) {
  const std::int64_t target_bytes = lab.param("live_bytes");
  const std::int64_t survivors = lab.param("survivors_percent");
  const std::size_t keep_one_in = survivors == 0 ? 0 : static_cast<std::size_t>(100 / survivors);
  Rng rng = lab.rng();
  LiveSet live(lab, static_cast<std::size_t>(target_bytes) / kFirstBytes * 3);

  lab.mark("fill");
  std::size_t begin = 0, end = 0;
  std::size_t bytes = kFirstBytes;
  const auto fill = [&] {
    begin = end;
    while (live.live_bytes() + static_cast<std::int64_t>(bytes) <= target_bytes)
      live.place(end++, bytes);
    live.report(lab);
    lab.statistics();
  };
  fill();
  for (int shift = 0; shift < kShifts; ++shift) {
    lab.mark("shift");
    drop_most(live, begin, end, keep_one_in, rng);
    bytes += bytes / 2;
    fill();
  }
  lab.mark("free");
  live.drop_all();
  live.report(lab);
}

std::int64_t first_blocks(const Point& point, std::int64_t) {
  return point.number("live_bytes") / static_cast<std::int64_t>(kFirstBytes);
}

constexpr Description size_shift{
    .name = "size_shift",
    .family = "fragmentation",
    .question =
        "What does it cost when a program changes the sizes it uses, at constant live bytes?",
    .method =
        "Fill with blocks of one size, then replace them by blocks half as large again, eight "
        "sizes in all; a share of the blocks of each size stays for good.",
    .params = {{"live_bytes", "byte", "live bytes after each shift", "256KiB", "8MiB", "64MiB"},
               {"survivors_percent", "percent", "share of the blocks of each size that stays",
                "0 1", "0 1 5"}},
    .phases = {"fill", "shift", "free"},
    .ideals = {{"fill", "rss_anon_bytes", live_bytes},
               {"shift", "rss_anon_bytes", live_bytes},
               {"free", "rss_anon_bytes", nothing},
               {"fill", "allocations_count", first_blocks, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("A few survivors of each old size keep its memory from serving the next",
                   "rss_anon_bytes", Panels("survivors_percent"), kSinceStart)},
    .table = view("RSS anon since the start, after the last shift", "rss_anon_bytes", In("shift"),
                  Over("survivors_percent"), kSinceStart),
    .needs = memory_of<"live_bytes", 16>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(size_shift);

}  // namespace
}  // namespace lab
