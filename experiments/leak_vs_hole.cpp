// Question: can memory held by fragmentation be told from a leak?
// Method:   rounds that each fill the same number of bytes with equal blocks. Then all blocks are
//           forgotten (leak), or each is shrunk to a small one that is still in use (hole). Each
//           round asks for larger blocks, so that no old hole fits.
// Ideal:    the leak keeps all of it; holes ought to cost nothing but the small blocks.
// Watch:    a leak checker preloaded as the allocator reports through `statistics`. The small ones
//           are linked from a static variable, where such a checker looks for pointers.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::int64_t kRounds = 4;
constexpr std::size_t kPinBytes = 64;
constexpr std::size_t kHeaderRoomBytes = 16;

struct Pin {
  Pin* next;
};
Pin* pins = nullptr;

std::int64_t leaked_bytes(const Point& point, std::int64_t) {
  return point.is("cause", "leak") ? kRounds * point.number("round_bytes") : 0;
}

// Leaves of each block only a small one that is still in use.
void shrink(void** blocks, std::size_t count, std::size_t bytes, RequestLog& log) {
  for (std::size_t i = 0; i < count; ++i) {
    auto* pin = static_cast<Pin*>(log.realloc(blocks[i], bytes, kPinBytes));
    pin->next = pins;
    pins = pin;
  }
}

void run(Context& lab) {
  const auto round_bytes = static_cast<std::size_t>(lab.param("round_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  const bool leak = lab.is("cause", "leak");
  void** blocks = lab.scratch_array<void*>(round_bytes / page_bytes);
  RequestLog log;

  for (std::size_t round = 1; round <= kRounds; ++round) {
    lab.mark("grow");
    const std::size_t bytes = round * page_bytes - kHeaderRoomBytes;
    const std::size_t count = round_bytes / (round * page_bytes);
    for (std::size_t i = 0; i < count; ++i) {
      blocks[i] = log.malloc(bytes);
      write_range(blocks[i], bytes, page_bytes);
    }
    if (!leak) shrink(blocks, count, bytes, log);
    log.report(lab);
  }
  lab.mark("check");
  lab.statistics();
  lab.mark("release");
  lab.release_free_memory();
}

// Round n takes blocks of n pages less the header room; a hole keeps a pin of each.
std::int64_t still_live(const Point& point, std::int64_t page_bytes) {
  std::int64_t live = 0;
  for (std::int64_t round = 1; round <= kRounds; ++round) {
    const std::int64_t blocks = point.number("round_bytes") / (round * page_bytes);
    const std::int64_t kept = point.is("cause", "leak")
                                  ? round * page_bytes - static_cast<std::int64_t>(kHeaderRoomBytes)
                                  : static_cast<std::int64_t>(kPinBytes);
    live += blocks * kept;
  }
  return live;
}

constexpr Description leak_vs_hole{
    .name = "leak_vs_hole",
    .family = "fragmentation",
    .question = "Can memory held by fragmentation be told from a leak?",
    .method =
        "Rounds of large blocks with a small one behind each: the large ones are forgotten, or "
        "freed while the small ones stay.",
    .params = {{"cause", "token", "why the memory stays", "leak hole"},
               {"round_bytes", "byte", "bytes taken a round", "256KiB", "4MiB", "64MiB"}},
    .phases = {"grow", "check", "release"},
    .ideals = {{"check", "rss_anon_bytes", leaked_bytes},
               {"release", "rss_anon_bytes", leaked_bytes},
               {"check", "live_bytes", still_live, kExact}},
    .plots = {view("RSS grows alike from a leak and from pinned holes, until release is asked for",
                   "rss_anon_bytes", Panels("cause"), kSinceStart),
              view("Live bytes tell the two apart", "live_bytes", Panels("cause"))},
    .table =
        view("RSS anon since the start", "rss_anon_bytes", In("check"), Over("cause"), kSinceStart),
    .claims = {"leak-vs-hole"},
    .needs = memory_of<"round_bytes", 8>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(leak_vs_hole);

}  // namespace
}  // namespace lab
