// Question:  how much room does a small block take, and how is it aligned?
// Method:    a row of blocks of one size; the smallest distance between two of them, the usable
//            bytes and the common alignment of all addresses.
// Ideal:     a block takes what was asked for.
// Watch:     the distance includes headers; usable bytes do not.
#include <malloc.h>

#include <algorithm>
#include <bit>

#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

constexpr std::size_t kBlocks = 512;

std::int64_t smallest_distance(std::uintptr_t* addresses) {
  std::sort(addresses, addresses + kBlocks);
  std::uintptr_t smallest = UINTPTR_MAX;
  for (std::size_t i = 1; i < kBlocks; ++i)
    smallest = std::min(smallest, addresses[i] - addresses[i - 1]);
  return static_cast<std::int64_t>(smallest);
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("request_bytes"));
  auto* addresses = lab.scratch_array<std::uintptr_t>(kBlocks);
  RequestLog heap;

  lab.mark("allocate");
  std::uintptr_t bits = 0;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    addresses[i] = reinterpret_cast<std::uintptr_t>(heap.malloc(bytes));
    bits |= addresses[i];
  }
  heap.report(lab);
  const auto usable = malloc_usable_size(reinterpret_cast<void*>(addresses[0]));
  lab.observe("usable_bytes", static_cast<std::int64_t>(usable));
  lab.observe("alignment_bytes", std::int64_t{1} << std::countr_zero(bits));
  lab.observe("distance_bytes", smallest_distance(addresses));
}

constexpr Description min_chunk{
    .name = "min_chunk",
    .family = "blocks",
    .question = "How much room does a small block take, and how is it aligned?",
    .method = "A row of blocks of one size: distance, usable bytes, common alignment.",
    .params = {{"request_bytes", "byte", "size asked for", "0 8 24 64",
                "0 1 8 12 16 24 25 32 40 41 48 64",
                "0 1 2 4 7 8 9 12 15 16 17 20 23 24 25 28 31 32 33 36 40 41 44 48 52 56 57 60 64"}},
    .phases = {"allocate"},
    .metrics = {observed("distance_bytes", "byte", "smallest distance between two blocks",
                         Better::lower),
                observed("usable_bytes", "byte", "malloc_usable_size of a block"),
                observed("alignment_bytes", "byte",
                         "largest power of two that divides every address")},
    .ideals = {{"allocate", "distance_bytes", param<"request_bytes">},
               {"allocate", "allocations_count", exactly<kBlocks>, kExact},
               {"allocate", "live_bytes", param<"request_bytes", kBlocks>, kExact}},
    .plots = {view("Room a block takes: the distance between neighbours", "distance_bytes",
                   In("allocate"), Over("request_bytes")),
              view("Alignment that all 512 blocks have in common", "alignment_bytes",
                   In("allocate"), Over("request_bytes"))},
    .claims = {"min-chunk-16", "aligned-16"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(min_chunk);

}  // namespace
}  // namespace lab
