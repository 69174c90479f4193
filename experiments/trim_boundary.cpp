// Question:  how large must the free top of the heap be before free gives it back?
// Method:    a live block below, then small blocks that add up to a given size; free them from
//            the bottom up. The last free joins them with what is left at the top: its address
//            and the heap's end tell how much lies free.
// Ideal:     none: an exact boundary, to be found by bisection.
// Watch:     glibc looks at the top only after it freed at least 64 KiB in one piece; and it
//            always leaves the pad there: with the default pad the boundary is the pad and not
//            the threshold.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kPinBytes = 1024;
constexpr std::size_t kBlockBytes = 32 << 10;  // below every threshold for mmap
constexpr std::size_t kMostBlocks = 64;

void run(Context& lab) {
  const auto freed_bytes = static_cast<std::size_t>(lab.param("freed_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  const std::size_t whole = freed_bytes / kBlockBytes;
  const std::size_t rest = freed_bytes % kBlockBytes;
  void* blocks[kMostBlocks];
  if (whole > kMostBlocks) lab.fail("freed_bytes is too large");
  RequestLog heap;

  lab.mark("allocate");
  heap.malloc(kPinBytes);
  void* first = heap.malloc(rest);
  for (std::size_t i = 0; i < whole; ++i) {
    blocks[i] = heap.malloc(kBlockBytes);
    write_range(blocks[i], kBlockBytes, page_bytes);
  }
  heap.report(lab);
  lab.observe("block_address", first);
  lab.mark("free");
  heap.free(first, rest);
  for (std::size_t i = 0; i < whole; ++i) heap.free(blocks[i], kBlockBytes);
  heap.report(lab);
}

// Whole blocks, and `others`: the rest and, when allocating, the pin.
template <std::int64_t others>
std::int64_t requests(const Point& point, std::int64_t) {
  return point.number("freed_bytes") / static_cast<std::int64_t>(kBlockBytes) + others;
}

constexpr Description trim_boundary{
    .name = "trim_boundary",
    .family = "trim",
    .question = "How large must the free top of the heap be before free gives it back?",
    .method =
        "Small blocks at the top of the heap that add up to a given size are freed bottom up.",
    .params = {{"freed_bytes", "byte", "sum of the blocks that are freed", "96KiB 320KiB",
                "48KiB 96KiB 160KiB 224KiB 320KiB",
                "48KiB 64KiB 96KiB 128KiB 160KiB 192KiB 256KiB 512KiB"}},
    .knobs = {trim_threshold_knob("absent", "absent 128KiB 256KiB"),
              top_pad_knob("absent", "absent 0")},
    .phases = {"allocate", "free"},
    .metrics = {observed("block_address", "address", "address of the lowest freed block")},
    .ideals = {{"allocate", "allocations_count", requests<2>, kExact},
               {"free", "frees_count", requests<1>, kExact}},
    .plots = {view("Free gives the top back only when enough of it is free", "brk_calls_count",
                   In("free"), Over("freed_bytes"), Series("trim_threshold_bytes"),
                   Panels("top_pad_bytes"), Where("allocator=glibc"))},
    .table = view("brk calls while freeing", "brk_calls_count", In("free"), Over("freed_bytes"),
                  Panels("trim_threshold_bytes")),
    .searches = {bisect("boundary", "Smallest sum of freed blocks after which free calls brk",
                        "freed_bytes", {.low = 40 << 10, .high = 1 << 20, .step = 16},
                        counted<"free", "brk_calls_count">)},
    .claims = {"top-trim-128k"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(trim_boundary);

}  // namespace
}  // namespace lab
