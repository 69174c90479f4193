// Question:  does calloc touch the memory it returns?
// Method:    calloc of one block, in a process that never held such a block and in one that wrote
//            and freed one; then read all of it.
// Ideal:     fresh memory is zero already: no fault in calloc. Recycled memory must be written.
// Watch:     an allocator cannot always tell that memory is fresh.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t resident(const Point& point, std::int64_t) {
  return point.is("history", "fresh") ? 0 : point.number("block_bytes");
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const bool recycled = lab.is("history", "recycled");
  RequestLog heap;

  lab.mark("prepare");
  void* pin = nullptr;
  if (recycled) {
    void* block = heap.malloc(bytes);
    pin = heap.malloc(64);
    fill(block, bytes);
    heap.free(block, bytes);
  }
  heap.report(lab);
  lab.mark("calloc");
  void* block = heap.calloc(bytes);
  heap.report(lab);
  lab.mark("read");
  lab.observe("nonzero_bytes", nonzero_bytes(block, bytes));
  lab.mark("free");
  heap.free(block, bytes);
  if (recycled) heap.free(pin, 64);
  heap.report(lab);
}

constexpr Description calloc_touch{
    .name = "calloc_touch",
    .family = "touch",
    .question = "Does calloc touch the memory it returns?",
    .method = "calloc of one block, fresh or after such a block was written and freed; read it.",
    .params = {{"block_bytes", "byte", "size of the block", "1MiB", "64KiB 1MiB 32MiB",
                "16KiB 64KiB 256KiB 1MiB 8MiB 32MiB 128MiB"},
               {"history", "token", "whether such a block was written and freed before",
                "fresh recycled"}},
    .phases = {"prepare", "calloc", "read", "free"},
    .metrics = {observed("nonzero_bytes", "byte", "bytes that are not zero")},
    .ideals = {{"calloc", "rss_anon_bytes", resident},
               {"read", "nonzero_bytes", nothing, kExact},
               {"free", "rss_anon_bytes", nothing},
               {"calloc", "allocations_count", exactly<1>, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("Resident after calloc, before the program touched anything", "rss_anon_bytes",
                   In("calloc"), Over("block_bytes"), Panels("history"), kSinceStart),
              view("Faults in calloc", "minor_faults_count", In("calloc"), Over("block_bytes"),
                   Panels("history"))},
    .table = view("Faults in calloc", "minor_faults_count", In("calloc"), Over("block_bytes"),
                  Panels("history")),
    .claims = {"calloc-zero-touch", "calloc-zeroes"},
    .needs = memory_of<"block_bytes", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(calloc_touch);

}  // namespace
}  // namespace lab
