// Question:  does freeing a large block move the size from which malloc uses mmap, and how far?
// Method:    allocate and free one block, then ask for another size; searches find the smallest
//            size that is mapped after a free of a given size, and the largest free that moves
//            anything.
// Ideal:     none is better: a moving boundary trades system calls for memory that is kept.
// Watch:     setting any of glibc's thresholds by hand switches the adjustment off.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("freed_bytes") + point.number("request_bytes")};
}

void run(Context& lab) {
  const auto freed_bytes = static_cast<std::size_t>(lab.param("freed_bytes"));
  const auto bytes = lab.is("request_bytes", "same")
                         ? freed_bytes
                         : static_cast<std::size_t>(lab.param("request_bytes"));
  RequestLog heap;

  lab.mark("free_first");
  heap.free(heap.malloc(freed_bytes), freed_bytes);
  heap.report(lab);
  lab.mark("request");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.mark("touch");
  write_range(block, bytes, lab.page_bytes());
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Description dynamic_threshold{
    .name = "dynamic_threshold",
    .family = "threshold",
    .question = "Does freeing a large block move the size from which malloc uses mmap?",
    .method = "Allocate and free one block, then ask for another size; touch and free it.",
    .params = {{"freed_bytes", "byte", "size of the block that is freed first", "1MiB",
                "64KiB 256KiB 1MiB 8MiB 32MiB",
                "64KiB 128KiB 256KiB 1MiB 4MiB 16MiB 31MiB 32MiB 33MiB"},
               {"request_bytes", "byte", "size asked for afterwards", "same 256KiB",
                "same 256KiB 4MiB"}},
    .knobs = {mmap_threshold_knob("absent", "absent 128KiB")},
    .phases = {"free_first", "request", "touch", "free"},
    .ideals = {{"free_first", "allocations_count", exactly<1>, kExact},
               {"free_first", "frees_count", exactly<1>, kExact},
               {"request", "allocations_count", exactly<1>, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("After a large block is freed, its size is no longer mapped", "mmap_calls_count",
                   In("request"), Over("freed_bytes"), Panels("mmap_threshold_bytes"),
                   Where("request_bytes=same")),
              view("What is kept after the second free", "rss_anon_bytes", In("free"),
                   Over("freed_bytes"), Panels("mmap_threshold_bytes"), Where("request_bytes=same"),
                   kSinceStart)},
    .searches = {bisect("risen_boundary", "Smallest request that is mapped after 1 MiB was freed",
                        "request_bytes", {.low = 1024, .high = 64 << 20, .step = 1},
                        counted<"request", "mmap_calls_count">,
                        "freed_bytes=1MiB mmap_threshold_bytes=absent"),
                 bisect("end_of_rise",
                        "Smallest block that is mapped again after it was freed once",
                        "freed_bytes", {.low = 1 << 20, .high = 64 << 20, .step = 1},
                        counted<"request", "mmap_calls_count">,
                        "request_bytes=same mmap_threshold_bytes=absent")},
    .claims = {"threshold-fixed"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(dynamic_threshold);

}  // namespace
}  // namespace lab
