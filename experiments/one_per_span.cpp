// Question: what do a few survivors of every size cost an allocator that keeps sizes apart?
// Method:   for each of twenty sizes: allocate the same number of bytes, keep one block in every
//           4 KiB and free the rest. A span that holds a survivor serves no other size.
// Ideal:    the holes that one size leaves serve the next: the footprint stays at the bytes of one
//           size and the survivors.
// Watch:    an allocator that merges neighbours reuses the holes; only larger sizes do not fit.
#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

constexpr std::size_t kSizes[] = {16,  32,  48,  64,  80,  96,  112, 128, 160, 192,
                                  224, 256, 320, 384, 448, 512, 640, 768, 896, 1024};
constexpr std::size_t kKeepEveryBytes = 4096;

std::size_t kept_of(std::size_t blocks, std::size_t keep_one_in) {
  return (blocks + keep_one_in - 1) / keep_one_in;
}

// The bytes of one size and the survivors of all.
std::int64_t one_size_and_survivors(const Point& point, std::int64_t) {
  const auto size_bytes = static_cast<std::size_t>(point.number("size_bytes"));
  std::size_t bytes = size_bytes;
  for (const std::size_t size : kSizes)
    bytes += kept_of(size_bytes / size, kKeepEveryBytes / size) * size;
  return static_cast<std::int64_t>(bytes);
}

void run(Context& lab) {
  const auto size_bytes = static_cast<std::size_t>(lab.param("size_bytes"));
  LiveSet live(lab, size_bytes / kSizes[0] + size_bytes / kKeepEveryBytes * 2 * std::size(kSizes));
  std::size_t survivors = 0;  // slots below hold survivors

  for (const std::size_t bytes : kSizes) {
    lab.mark("next_size");
    const std::size_t blocks = size_bytes / bytes;
    const std::size_t begin = survivors;
    for (std::size_t i = 0; i < blocks; ++i) live.place(begin + i, bytes);
    for (std::size_t i = 0; i < blocks; ++i) {
      if (i % (kKeepEveryBytes / bytes) == 0) live.move(begin + i, survivors++);
      else live.drop(begin + i);
    }
    live.report(lab);
    lab.statistics();
  }
  lab.mark("release");
  lab.release_free_memory();
  lab.mark("free");
  live.drop_all();
  live.report(lab);
}

std::int64_t survivor_bytes(const Point& point, std::int64_t page_bytes) {
  return one_size_and_survivors(point, page_bytes) - point.number("size_bytes");
}

constexpr Description one_per_span{
    .name = "one_per_span",
    .family = "fragmentation",
    .question = "What do a few survivors of every size cost an allocator that keeps sizes apart?",
    .method =
        "For each of twenty sizes allocate the same number of bytes, keep one block in every "
        "4 KiB and free the rest.",
    .params = {{"size_bytes", "byte", "bytes allocated of each size", "64KiB", "2MiB",
                "2MiB 32MiB"}},
    .phases = {"next_size", "release", "free"},
    .ideals = {{"next_size", "rss_anon_bytes", one_size_and_survivors},
               {"free", "rss_anon_bytes", nothing},
               {"release", "live_bytes", survivor_bytes, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view(
        "One survivor in every 4 KiB of every size: sizes kept apart cannot reuse the rest",
        "rss_anon_bytes", kSinceStart)},
    .table = view("RSS anon since the start, after the last size", "rss_anon_bytes",
                  In("next_size"), Over("size_bytes"), kSinceStart),
    .claims = {"first-fit-worst"},
    .needs = memory_of<"size_bytes", 40>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(one_per_span);

}  // namespace
}  // namespace lab
