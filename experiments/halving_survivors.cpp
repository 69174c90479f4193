// Question: how far can an adversary that sees addresses drive the footprint above the live bytes?
// Method:   Robson's sequence: fill to the target with blocks of one size; free as many as possible
//           while no hole is left that could take twice the size; double the size; repeat.
// Ideal:    the footprint stays at the live bytes. No allocator that leaves blocks in place can do
//           that: Robson proved a growth by half the logarithm of the size range for the best one.
// Watch:    the adversary looks at addresses: its requests depend on the allocator, the live bytes
//           do not. Sizes are powers of two less 8: an 8-byte header leaves no slack.
#include "experiments/workload/describe.h"
#include "experiments/workload/robson.h"

namespace lab {
namespace {

constexpr std::size_t kFirstBytes = 64;
constexpr std::size_t kSlackBytes = 8;  // left for a header

void run(Context& lab) {
  const std::int64_t target_bytes = lab.param("live_bytes");
  const auto largest_bytes = static_cast<std::size_t>(lab.param("largest_bytes"));
  RobsonAdversary adversary(lab, static_cast<std::size_t>(target_bytes) / kFirstBytes * 2);

  const auto fill = [&](std::size_t size) {
    adversary.fill(size - kSlackBytes, target_bytes);
    adversary.report(lab);
    lab.statistics();
  };
  lab.mark("fill");
  fill(kFirstBytes);
  for (std::size_t size = 2 * kFirstBytes; size <= largest_bytes; size *= 2) {
    lab.mark("double");
    adversary.free_between_survivors(size);
    fill(size);
  }
  lab.mark("free");
  adversary.free_all();
  adversary.report(lab);
}

std::int64_t first_blocks(const Point& point, std::int64_t) {
  return point.number("live_bytes") / static_cast<std::int64_t>(kFirstBytes - kSlackBytes);
}
std::int64_t first_bytes(const Point& point, std::int64_t) {
  return first_blocks(point, 0) * static_cast<std::int64_t>(kFirstBytes - kSlackBytes);
}

constexpr Description halving_survivors{
    .name = "halving_survivors",
    .family = "fragmentation",
    .question =
        "How far can an adversary that sees the addresses drive the footprint above the "
        "live bytes?",
    .method =
        "Robson's sequence: free all blocks that leave no hole for twice the size, fill up "
        "with blocks of twice the size, repeat.",
    .params = {{"live_bytes", "byte", "live bytes after each doubling", "256KiB", "8MiB", "64MiB"},
               {"largest_bytes", "byte", "size at which the sequence ends, doubled from 64",
                "16KiB", "64KiB", "64KiB 1MiB"}},
    .phases = {"fill", "double", "free"},
    .ideals = {{"fill", "rss_anon_bytes", param<"live_bytes">},
               {"double", "rss_anon_bytes", param<"live_bytes">},
               {"free", "rss_anon_bytes", nothing},
               {"fill", "allocations_count", first_blocks, kExact},
               {"fill", "live_bytes", first_bytes, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view(
        "An adversary that doubles its sizes makes the footprint grow at constant live bytes",
        "rss_anon_bytes", Panels("largest_bytes"), kSinceStart)},
    .table = view("RSS anon since the start, after the last doubling", "rss_anon_bytes",
                  In("double"), Over("largest_bytes"), kSinceStart),
    .claims = {"first-fit-worst"},
    .needs = memory_of<"live_bytes", 16>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(halving_survivors);

}  // namespace
}  // namespace lab
