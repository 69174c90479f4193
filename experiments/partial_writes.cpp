// Question:  how do VSZ and RSS move when blocks are taken one by one and only partly written?
// Method:    malloc 32K, 64K, 127K, 64K; set 0, 1K, 5K and 7K of them; every malloc and every
//            write is a phase.
// Ideal:     VSZ follows the sum of the blocks; RSS follows the pages written.
// Watch:     VSZ stays where the top of the heap has room; headers and neighbours share pages.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

constexpr std::size_t kMalloc[] = {32 << 10, 64 << 10, 127 << 10, 64 << 10};
constexpr std::size_t kWrite[] = {0, 1 << 10, 5 << 10, 7 << 10};
constexpr std::string_view kPhases[] = {"malloc_32k", "malloc_64k",       "write_1k", "malloc_127k",
                                        "write_5k",   "malloc_64k_again", "write_7k"};

void run(Context& lab) {
  RequestLog heap;
  std::size_t phase = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    lab.mark(kPhases[phase++]);
    void* block = heap.malloc(kMalloc[i]);
    heap.report(lab);
    lab.observe("block_address", block);
    if (kWrite[i] == 0) continue;
    lab.mark(kPhases[phase++]);
    fill(block, kWrite[i]);
  }
}

// Whole pages of what has been written up to write `last`.
template <int last>
std::int64_t written(const Point&, std::int64_t page_bytes) {
  std::int64_t pages = 0;
  for (int i = 0; i <= last; ++i)
    pages += pages_for(static_cast<std::int64_t>(kWrite[i]), page_bytes);
  return pages * page_bytes;
}

template <int last>
std::int64_t asked(const Point&, std::int64_t) {
  std::int64_t bytes = 0;
  for (int i = 0; i <= last; ++i) bytes += static_cast<std::int64_t>(kMalloc[i]);
  return bytes;
}

constexpr Description partial_writes{
    .name = "partial_writes",
    .family = "touch",
    .question = "How do VSZ and RSS move when blocks are taken one by one and partly written?",
    .method = "malloc 32K, 64K, 127K, 64K; write 0, 1K, 5K and 7K of them; each step is a phase.",
    .phases = kPhases,
    .metrics = {observed("block_address", "address", "address of the new block")},
    .ideals = {{"malloc_32k", "vsz_bytes", asked<0>},
               {"malloc_32k", "rss_anon_bytes", nothing},
               {"malloc_64k", "vsz_bytes", asked<1>},
               {"write_1k", "rss_anon_bytes", written<1>},
               {"malloc_127k", "vsz_bytes", asked<2>},
               {"write_5k", "rss_anon_bytes", written<2>},
               {"malloc_64k_again", "vsz_bytes", asked<3>},
               {"write_7k", "rss_anon_bytes", written<3>},
               {"malloc_32k", "allocations_count", exactly<1>, kExact},
               {"malloc_64k_again", "live_bytes", asked<3>, kExact}},
    .plots = {view("VSZ grows in steps of the allocator, not with each malloc", "vsz_bytes",
                   Panels("allocator"), kSinceStart),
              view("RSS anon grows by the pages written", "rss_anon_bytes", kSinceStart)},
    .claims = {"vsz-lazy-top", "page-granular"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(partial_writes);

}  // namespace
}  // namespace lab
