// Question:  does growing a block with realloc copy it?
// Method:    one touched block grows to twice its size, at once or in equal steps; what is new is
//            touched after each step.
// Ideal:     only the new pages fault, and at no time are both copies resident.
// Watch:     moving page tables (mremap) changes the address without copying a byte.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto from_bytes = static_cast<std::size_t>(lab.param("from_bytes"));
  const auto steps = static_cast<std::size_t>(lab.param("steps"));
  const std::size_t page_bytes = lab.page_bytes();
  std::int64_t moves = 0;
  RequestLog heap;

  lab.mark("allocate");
  auto* block = static_cast<unsigned char*>(heap.malloc(from_bytes));
  write_range(block, from_bytes, page_bytes);
  heap.report(lab);
  lab.mark("grow");
  std::size_t bytes = from_bytes;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t larger = from_bytes + from_bytes * (step + 1) / steps;
    auto* grown = static_cast<unsigned char*>(heap.realloc(block, bytes, larger));
    moves += grown != block ? 1 : 0;
    block = grown;
    write_range(block + bytes, larger - bytes, page_bytes);
    bytes = larger;
  }
  heap.report(lab);
  lab.observe("moves_count", moves);
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Description realloc_growth{
    .name = "realloc_growth",
    .family = "blocks",
    .question = "Does growing a block with realloc copy it?",
    .method = "A touched block grows to twice its size, at once or in steps; the new is touched.",
    .params = {{"from_bytes", "byte", "size before growing to twice as much", "1MiB",
                "64KiB 1MiB 16MiB", "64KiB 1MiB 16MiB 128MiB"},
               {"steps", "count", "equal steps in which it grows", "1", "1 16", "1 4 16 64"}},
    .phases = {"allocate", "grow", "free"},
    .metrics = {observed("moves_count", "count", "steps after which the block lay elsewhere",
                         Better::lower)},
    .ideals = {{"grow", "minor_faults_count", pages_spanned<"from_bytes">},
               {"grow", "rss_anon_bytes", param<"from_bytes", 2>},
               {"free", "rss_anon_bytes", nothing},
               {"allocate", "allocations_count", exactly<1>, kExact},
               {"grow", "allocations_count", param<"steps">, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("Faults while doubling: twice the ideal means that it was copied",
                   "minor_faults_count", In("grow"), Over("from_bytes"), Panels("steps")),
              view("Peak resident memory while doubling", "rss_peak_bytes", In("grow"),
                   Over("from_bytes"), Panels("steps")),
              view("mremap calls while doubling", "mremap_calls_count", In("grow"),
                   Over("from_bytes"), Panels("steps"))},
    .claims = {"realloc-copies"},
    .needs = memory_of<"from_bytes", 4>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(realloc_growth);

}  // namespace
}  // namespace lab
