// Question: how long do single calls take, and what makes the slow ones slow?
// Method:   blocks of one size up to the live bytes: first all are placed (first use), then random
//           ones are replaced (steady). Each malloc, first write and free is timed alone.
// Ideal:    no call takes longer than another; the slow ones of first use are page faults.
// Watch:    every time holds one reading of the clock (clock_cost_ns). Slow means 2 µs and more;
//           each slow malloc or free is asked whether a fault or a switch happened meanwhile. Of
//           large blocks fewer than 10000 are replaced: their 1 in 10000 is the slowest.
#include <algorithm>

#include "experiments/workload/describe.h"
#include "experiments/workload/timed_blocks.h"

namespace lab {
namespace {

constexpr std::int64_t kMostReplacedBytes = 2LL << 30;  // large blocks: fewer replacements

std::int64_t replaced_blocks(const Point& point, std::int64_t) {
  const std::int64_t most = kMostReplacedBytes / point.number("block_bytes");
  return std::min(point.number("replacements"), most);
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::size_t count = static_cast<std::size_t>(lab.param("live_bytes")) / bytes;
  const std::int64_t most = kMostReplacedBytes / lab.param("block_bytes");
  const std::int64_t replacements = std::min(lab.param("replacements"), most);
  const CallTimes first{lab.histogram("first_malloc"), lab.histogram("first_write"),
                        lab.histogram("first_free")};
  const CallTimes steady{lab.histogram("malloc"), lab.histogram("write"), lab.histogram("free")};
  TimedBlocks blocks(lab, bytes, count);
  Rng rng = lab.rng();

  lab.mark("first_use");
  for (std::size_t slot = 0; slot < count; ++slot) blocks.renew(slot, first);
  blocks.report(lab, first);
  lab.mark("steady");
  for (std::int64_t i = 0; i < replacements; ++i) blocks.renew(rng.below(count), steady);
  blocks.report(lab, steady);
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return point.number("live_bytes") / point.number("block_bytes");
}

constexpr View steady(std::string_view title, std::string_view metrics) {
  return view(title, metrics, In("steady"), Over("block_bytes"));
}
constexpr Description latency{
    .name = "latency",
    .family = "latency",
    .question = "How long do single calls take, and what makes the slow ones slow?",
    .method =
        "Blocks of one size are placed, then replaced at random; each malloc, first write and "
        "free is timed alone.",
    .params = {{"block_bytes", "byte", "size of the blocks", "64 64KiB", "16 256 4KiB 64KiB 1MiB",
                "16 64 256 1KiB 4KiB 16KiB 64KiB 256KiB 1MiB"},
               {"live_bytes", "byte", "sum of all live blocks", "1MiB", "8MiB", "64MiB"},
               {"replacements", "count", "blocks replaced in the steady phase, of 2 GiB at most",
                "500", "50000", "1000000"}},
    .phases = {"first_use", "steady"},
    .metrics = kTimedMetrics,
    .histograms = {"first_malloc", "first_write", "first_free", "malloc", "write", "free"},
    .ideals = {{"first_use", "allocations_count", blocks, kExact},
               {"steady", "allocations_count", replaced_blocks, kExact},
               {"steady", "frees_count", replaced_blocks, kExact}},
    .plots = {steady("How long a malloc takes: half, 1 in 100, 1 in 10000, and the slowest",
                     "malloc_p50_ns malloc_p99_ns malloc_p9999_ns malloc_max_ns"),
              steady("How long a free takes: half, 1 in 100, and the slowest",
                     "free_p50_ns free_p99_ns free_max_ns"),
              steady("What made calls of 2 µs and more slow",
                     "slow_faulted_count slow_other_count slow_switched_count"),
              view("First use: malloc and the first write of a block, 1 in 100 takes longer",
                   "malloc_p99_ns write_p99_ns", In("first_use"), Over("block_bytes"))},
    .table = view("The slowest 1 in 1000 malloc calls, steady state", "malloc_p999_ns",
                  In("steady"), Over("block_bytes")),
    .needs = memory_of<"live_bytes", 4>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(latency);

}  // namespace
}  // namespace lab
