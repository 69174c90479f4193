// Question:  how many freed blocks does the allocator still count as in use?
// Method:    allocate equal blocks and free every second one, so that no two free ones touch; the
//            drop of what is counted as in use, divided by the size of one block, is how many
//            were really given back; the rest lies in the thread cache.
// Ideal:     none stay: what is in use is what is live.
// Watch:     counts how many blocks are hidden per size; the size of one comes from its own rise.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const auto count = static_cast<std::size_t>(lab.param("blocks"));
  void** blocks = lab.scratch_array<void*>(2 * count);
  RequestLog heap;

  lab.mark("before");
  lab.statistics();
  lab.mark("allocate");
  for (std::size_t i = 0; i < 2 * count; ++i) blocks[i] = heap.malloc(bytes);
  heap.report(lab);
  lab.statistics();
  lab.mark("free");
  for (std::size_t i = 0; i < 2 * count; i += 2) heap.free(blocks[i], bytes);
  heap.report(lab);
  lab.statistics();
}

std::int64_t live(const Point& point, std::int64_t) {
  return point.number("blocks") * point.number("block_bytes");
}

constexpr Description thread_cache_depth{
    .name = "thread_cache_depth",
    .family = "statistics",
    .question = "How many freed blocks does the allocator still count as in use?",
    .method = "Allocate equal blocks, free every second one; compare what is counted as in use.",
    .params = {{"block_bytes", "byte", "size of one block", "24 1000",
                "24 100 500 1000 1032 1033 4000",
                "8 24 40 72 100 200 500 1000 1016 1032 1033 1040 2000 4000 65000"},
               {"blocks", "count", "blocks that are freed; as many stay", "64"}},
    .knobs = {{"thread_cache_count", "count", "blocks per size in the thread cache", "absent",
               "absent 0 20"}},
    .phases = {"before", "allocate", "free"},
    .ideals = {{"free", "allocator_live_bytes", live},
               {"allocate", "allocations_count", param<"blocks", 2>, kExact},
               {"free", "frees_count", param<"blocks">, kExact},
               {"free", "live_bytes", live, kExact}},
    .plots = {view("Of 128 blocks of 1000 bytes 64 were freed: counted as in use",
                   "allocator_live_bytes", In("free"), Over("thread_cache_count"),
                   Where("block_bytes=1000")),
              view("Counted as in use after half of the blocks was freed", "allocator_live_bytes",
                   In("free"), Over("block_bytes"), Panels("thread_cache_count"))},
    .table = view("Bytes counted as in use, half of them freed", "allocator_live_bytes", In("free"),
                  Over("block_bytes"), Where("thread_cache_count=absent")),
    .claims = {"tcache-depth", "uordblks-in-use"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thread_cache_depth);

}  // namespace
}  // namespace lab
