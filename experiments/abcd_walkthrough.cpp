// Question:  does the heap do what the well-known picture of blocks A, B, C and D says?
// Method:    malloc 30K, 40K, 200K, 100K; free C, B, D as the picture does, then A; every block
//            is written whole. Each step is a phase with the address and size of its block.
// Ideal:     what is resident is what is live, rounded to pages.
// Watch:     freeing C moves glibc's thresholds: the end of the story differs from the picture
//            unless they are pinned by hand.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

constexpr std::size_t kBytes[] = {30 << 10, 40 << 10, 200 << 10, 100 << 10};
constexpr std::string_view kMallocPhases[] = {"malloc_a", "malloc_b", "malloc_c", "malloc_d"};
constexpr int kFreeOrder[] = {2, 1, 3, 0};
constexpr std::string_view kFreePhases[] = {"free_c", "free_b", "free_d", "free_a"};

// What is live after step `step` of eight.
template <int step>
std::int64_t live(const Point&, std::int64_t page_bytes) {
  std::int64_t bytes = 0;
  for (int i = 0; i < 4 && i <= step; ++i) bytes += static_cast<std::int64_t>(kBytes[i]);
  for (int i = 4; i <= step; ++i) bytes -= static_cast<std::int64_t>(kBytes[kFreeOrder[i - 4]]);
  return pages_for(bytes, page_bytes) * page_bytes;
}

void run(Context& lab) {
  void* blocks[4];
  RequestLog heap;
  for (std::size_t i = 0; i < 4; ++i) {
    lab.mark(kMallocPhases[i]);
    blocks[i] = heap.malloc(kBytes[i]);
    fill(blocks[i], kBytes[i]);
    heap.report(lab);
    lab.observe("block_address", blocks[i]);
    lab.observe("block_bytes", static_cast<std::int64_t>(kBytes[i]));
  }
  for (std::size_t step = 0; step < 4; ++step) {
    const auto i = static_cast<std::size_t>(kFreeOrder[step]);
    lab.mark(kFreePhases[step]);
    heap.free(blocks[i], kBytes[i]);
    heap.report(lab);
    lab.observe("block_address", blocks[i]);
    lab.observe("block_bytes", static_cast<std::int64_t>(kBytes[i]));
  }
}

constexpr Description abcd_walkthrough{
    .name = "abcd_walkthrough",
    .family = "trim",
    .question = "Does the heap do what the well-known picture of blocks A, B, C and D says?",
    .method = "malloc 30K, 40K, 200K, 100K; free the third, second, fourth and first.",
    .knobs = {mmap_threshold_knob("absent 128KiB"), trim_threshold_knob("absent 128KiB")},
    .phases = {"malloc_a", "malloc_b", "malloc_c", "malloc_d", "free_c", "free_b", "free_d",
               "free_a"},
    .metrics = {observed("block_address", "address", "the block of this step"),
                observed("block_bytes", "byte", "its size")},
    .ideals = {{"malloc_a", "rss_anon_bytes", live<0>},
               {"malloc_b", "rss_anon_bytes", live<1>},
               {"malloc_c", "rss_anon_bytes", live<2>},
               {"malloc_d", "rss_anon_bytes", live<3>},
               {"free_c", "rss_anon_bytes", live<4>},
               {"free_b", "rss_anon_bytes", live<5>},
               {"free_d", "rss_anon_bytes", live<6>},
               {"free_a", "rss_anon_bytes", live<7>},
               {"malloc_d", "live_bytes", exactly<(30 + 40 + 200 + 100) << 10>, kExact},
               {"free_a", "live_bytes", nothing, kExact}},
    .plots = {view("A, B, C, D come and go: what is resident at each step", "rss_anon_bytes",
                   Panels("trim_threshold_bytes"), Where("mmap_threshold_bytes=absent"),
                   kSinceStart),
              view("The top of the heap at each step", "heap_top_address",
                   Series("trim_threshold_bytes"), Panels("mmap_threshold_bytes"),
                   Where("allocator=glibc"), kSinceStart)},
    .table = view("RSS anon since the start, at each step", "rss_anon_bytes",
                  Where("mmap_threshold_bytes=absent trim_threshold_bytes=absent"), kSinceStart),
    .claims = {"abcd-walkthrough"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(abcd_walkthrough);

}  // namespace
}  // namespace lab
