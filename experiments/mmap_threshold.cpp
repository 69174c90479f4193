// Question:  from which size on is a request served by its own mmap, and can that size be moved?
// Method:    one request in a process with a known history; touch it; free it. The search finds
//            the smallest request that calls mmap, to the byte.
// Ideal:     a request of this size costs at most one system call, and no fault before its touch.
// Watch:     a large enough top of the heap serves any size; an allocator that buys large regions
//            calls mmap once for many sizes.
#include <malloc.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kSmallBytes = 64;
constexpr std::size_t kFreedBytes = 1 << 20;
constexpr std::size_t kTopBytes = 100 << 10;  // twice: free room at the top of the heap

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("request_bytes"));
  const std::string_view history = lab.text("history");
  RequestLog heap;

  lab.mark("history");
  if (history == "small") heap.malloc(kSmallBytes);
  if (history == "freed_1mib") heap.free(heap.malloc(kFreedBytes), kFreedBytes);
  if (history == "freed_top") {
    void* below = heap.malloc(kTopBytes);
    heap.free(heap.malloc(kTopBytes), kTopBytes);
    heap.free(below, kTopBytes);
  }
  heap.report(lab);
  lab.mark("request");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.observe("block_address", block);
  lab.observe("usable_bytes", static_cast<std::int64_t>(malloc_usable_size(block)));
  lab.mark("touch");
  write_range(block, bytes, lab.page_bytes());
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Description mmap_threshold{
    .name = "mmap_threshold",
    .family = "threshold",
    .question = "From which size on is a request served by mmap, and can that size be moved?",
    .method = "One request in a process with a known history; touch it; free it.",
    .params = {{"request_bytes", "byte", "size asked for", "1KiB 64KiB 1MiB",
                "1KiB 16KiB 32KiB 64KiB 96KiB 120KiB 128KiB 136KiB 192KiB 256KiB 512KiB 1MiB 2MiB "
                "8MiB 32MiB",
                "1KiB 2KiB 4KiB 8KiB 16KiB 32KiB 48KiB 60KiB 64KiB 68KiB 80KiB 96KiB 112KiB 120KiB "
                "124KiB 131032 131048 131049 128KiB 132KiB 136KiB 160KiB 192KiB 256KiB 384KiB "
                "512KiB 768KiB 1020KiB 1MiB 1028KiB 2MiB 4MiB 8MiB 16MiB 32MiB 64MiB"},
               {"history", "token", "what the process did before", "fresh",
                "fresh small freed_1mib freed_top"}},
    .knobs = {mmap_threshold_knob("absent 64KiB", "absent 64KiB 128KiB 1MiB")},
    .phases = {"history", "request", "touch", "free"},
    .metrics = {observed("block_address", "address", "address of the block"),
                observed("usable_bytes", "byte", "malloc_usable_size of the block")},
    .ideals = {{"request", "minor_faults_count", nothing},
               {"touch", "minor_faults_count", pages_spanned<"request_bytes">},
               {"touch", "rss_anon_bytes", bytes_spanned<"request_bytes">},
               {"free", "rss_anon_bytes", nothing},
               {"request", "allocations_count", exactly<1>, kExact},
               {"free", "frees_count", exactly<1>, kExact}},
    .plots = {view("From some size on, one request is one mmap", "mmap_calls_count", In("request"),
                   Over("request_bytes"), Panels("history"), Where("mmap_threshold_bytes=absent")),
              view("The knob moves the boundary", "mmap_calls_count", In("request"),
                   Over("request_bytes"), Series("mmap_threshold_bytes"),
                   Where("allocator=glibc history=fresh")),
              view("What stays resident after free", "rss_anon_bytes", In("free"),
                   Over("request_bytes"), Panels("history"), Where("mmap_threshold_bytes=absent"),
                   kSinceStart)},
    .table = view("mmap calls of one request", "mmap_calls_count", In("request"),
                  Over("request_bytes"), Panels("history")),
    .searches = {bisect("boundary", "Smallest request that is served by mmap", "request_bytes",
                        {.low = 1024, .high = 64 << 20, .step = 1},
                        counted<"request", "mmap_calls_count">)},
    .claims = {"mmap-128k", "threshold-tunable", "threshold-fixed", "mmap-free-returns"},
    .needs = memory_of<"request_bytes">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_threshold);

}  // namespace
}  // namespace lab
