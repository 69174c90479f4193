// Question:  how many blocks does an allocator sell for each system call it buys memory with?
// Method:    allocate a fixed sum of bytes in blocks of one size, touch them, free them.
// Ideal:     no system call at all; a larger purchase unit costs none of the resident memory.
// Watch:     the unit is a knob of glibc (top pad); others buy megabytes at a time.
#include "experiments/workload/describe.h"
#include "experiments/workload/knobs.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("total_bytes")) / bytes;
  const std::size_t page_bytes = lab.page_bytes();
  void** blocks = lab.scratch_array<void*>(count);
  RequestLog heap;

  lab.mark("allocate");
  for (std::size_t i = 0; i < count; ++i) blocks[i] = heap.malloc(bytes);
  heap.report(lab);
  lab.mark("touch");
  for (std::size_t i = 0; i < count; ++i) write_range(blocks[i], bytes, page_bytes);
  lab.mark("free");
  for (std::size_t i = 0; i < count; ++i) heap.free(blocks[i], bytes);
  heap.report(lab);
}

std::int64_t blocks(const Point& point, std::int64_t) {
  return point.number("total_bytes") / point.number("block_bytes");
}

constexpr Description brk_wholesale{
    .name = "brk_wholesale",
    .family = "threshold",
    .question = "How many blocks does an allocator sell for each system call it buys with?",
    .method = "Allocate a fixed sum of bytes in blocks of one size, touch them, free them.",
    .params = {{"total_bytes", "byte", "sum of all blocks", "1MiB", "16MiB", "256MiB"},
               {"block_bytes", "byte", "size of one block", "256 16KiB", "64 1KiB 16KiB 64KiB",
                "16 64 256 1KiB 4KiB 16KiB 64KiB 120KiB"}},
    .knobs = {top_pad_knob("absent", "absent 0 1MiB", "absent 0 64KiB 1MiB 16MiB")},
    .phases = {"allocate", "touch", "free"},
    .ideals = {{"allocate", "brk_calls_count", nothing},
               {"allocate", "mmap_calls_count", nothing},
               {"touch", "rss_anon_bytes", param<"total_bytes">},
               {"free", "rss_anon_bytes", nothing},
               {"allocate", "allocations_count", blocks, kExact},
               {"free", "frees_count", blocks, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("brk calls to buy the same memory", "brk_calls_count", In("allocate"),
                   Over("block_bytes"), Panels("top_pad_bytes")),
              view("mmap calls to buy the same memory", "mmap_calls_count", In("allocate"),
                   Over("block_bytes"), Panels("top_pad_bytes")),
              view("Resident memory for the same bytes: the price of headers and rounding",
                   "rss_anon_bytes", In("touch"), Over("block_bytes"),
                   Where("top_pad_bytes=absent"), kSinceStart)},
    .table = view("mmap calls while allocating", "mmap_calls_count", In("allocate"),
                  Over("block_bytes"), Where("top_pad_bytes=absent")),
    .claims = {"brk-wholesale"},
    .needs = memory_of<"total_bytes", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(brk_wholesale);

}  // namespace
}  // namespace lab
