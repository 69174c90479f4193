// Question: how far can an adversary that sees addresses drive the footprint above the live bytes?
// Method:   Robson's sequence: fill to the target with blocks of one size; free as many as possible
//           while no hole is left that could take twice the size; double the size; repeat.
// Ideal:    the footprint stays at the live bytes. No allocator that leaves blocks in place can do
//           that: Robson proved a growth by half the logarithm of the size range for the best one.
// Watch:    the adversary looks at addresses: its requests depend on the allocator, the live bytes
//           do not. Sizes are powers of two less 8: an 8-byte header leaves no slack.
#include <algorithm>

#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kFirstBytes = 64;

struct Block {
  char* start;
  std::size_t bytes;
};

std::int64_t live_bytes(const Point& point, std::int64_t) { return point.number("live_bytes"); }
Needs needs(const Point& point) { return {.memory_bytes = 16 * point.number("live_bytes")}; }

// Frees blocks while every hole between survivors stays smaller than `hole_bytes`. Requires blocks
// in order of address; returns how many survive, moved to the front.
std::size_t free_between_survivors(Block* blocks, std::size_t count, std::size_t hole_bytes,
                                   RequestLog& log) {
  std::size_t kept = 0;
  const char* survivor_end = blocks[0].start;
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    if (last || blocks[i + 1].start - survivor_end >= static_cast<std::ptrdiff_t>(hole_bytes)) {
      survivor_end = blocks[i].start + blocks[i].bytes;
      blocks[kept++] = blocks[i];
    } else {
      log.free(blocks[i].start, blocks[i].bytes);
    }
  }
  return kept;
}

void run(Context& lab) {
  const auto target_bytes = lab.param("live_bytes");
  const auto largest_bytes = static_cast<std::size_t>(lab.param("largest_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  Block* blocks =
      lab.scratch_array<Block>(static_cast<std::size_t>(target_bytes) / kFirstBytes * 2);
  RequestLog log;
  std::size_t count = 0;

  for (std::size_t size = kFirstBytes; size <= largest_bytes; size *= 2) {
    lab.mark("double");
    if (count > 0) count = free_between_survivors(blocks, count, size, log);
    const std::size_t bytes = size - 8;
    while (log.live_bytes() + static_cast<std::int64_t>(bytes) <= target_bytes) {
      auto* block = static_cast<char*>(log.malloc(bytes));
      write_range(block, bytes, page_bytes);
      blocks[count++] = {block, bytes};
    }
    log.report(lab);
    lab.statistics();
    std::sort(blocks, blocks + count, [](Block a, Block b) { return a.start < b.start; });
  }
  lab.mark("free");
  for (std::size_t i = 0; i < count; ++i) log.free(blocks[i].start, blocks[i].bytes);
  log.report(lab);
}

constexpr Param kParams[] = {
    {"live_bytes", "byte", "live bytes after each doubling", "256KiB", "8MiB", "64MiB"},
    {"largest_bytes", "byte", "size at which the sequence ends, doubled from 64", "16KiB", "64KiB",
     "64KiB 1MiB"},
};
constexpr std::string_view kPhases[] = {"double", "free"};
constexpr Ideal kIdeals[] = {
    {"double", "rss_anon_bytes", live_bytes},
    {"free", "rss_anon_bytes", nothing},
    {"free", "live_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "An adversary that doubles its sizes makes the footprint grow at constant live bytes",
     .metric = "rss_anon_bytes",
     .facet = "largest_bytes",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"first-fit-worst"};

constexpr Experiment halving_survivors{
    .name = "halving_survivors",
    .family = "fragmentation",
    .question =
        "How far can an adversary that sees the addresses drive the footprint above the "
        "live bytes?",
    .method =
        "Robson's sequence: free all blocks that leave no hole for twice the size, fill up "
        "with blocks of twice the size, repeat.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start, after the last doubling",
              .metric = "rss_anon_bytes",
              .phase = "double",
              .x = "largest_bytes",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(halving_survivors);

}  // namespace
}  // namespace lab
