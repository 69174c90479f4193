// Question:  what is in the memory that malloc, calloc and realloc return?
// Method:    write a pattern to many blocks and free them; take as many again with malloc, with
//            calloc, and grow patterned ones with realloc; count what is found.
// Ideal:     calloc: no byte differs from zero. realloc: no byte differs from the pattern.
// Watch:     malloc promises nothing: old bytes are allowed, zeroes too.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/request_log.h"

namespace lab {
namespace {

constexpr std::size_t kBlocks = 16;
constexpr unsigned char kPattern = 0xA5;

std::int64_t lost_bytes(const void* block, std::size_t bytes) {
  const auto* byte = static_cast<const volatile unsigned char*>(block);
  std::int64_t lost = 0;
  for (std::size_t i = 0; i < bytes; ++i) lost += byte[i] != kPattern ? 1 : 0;
  return lost;
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  void* blocks[kBlocks];
  RequestLog heap;
  const auto free_all = [&](std::size_t size) {
    for (void* block : blocks) heap.free(block, size);
  };

  lab.mark("dirty");
  for (void*& block : blocks) {
    block = heap.malloc(bytes);
    fill(block, bytes, kPattern);
  }
  free_all(bytes);
  heap.report(lab);
  lab.mark("malloc");
  std::int64_t nonzero = 0;
  for (void*& block : blocks) {
    block = heap.malloc(bytes);
    nonzero += nonzero_bytes(block, bytes);
    fill(block, bytes, kPattern);
  }
  lab.observe("nonzero_bytes", nonzero);
  free_all(bytes);
  heap.report(lab);
  lab.mark("calloc");
  nonzero = 0;
  for (void*& block : blocks) {
    block = heap.calloc(bytes);
    nonzero += nonzero_bytes(block, bytes);
    fill(block, bytes, kPattern);
  }
  lab.observe("nonzero_bytes", nonzero);
  heap.report(lab);
  lab.mark("realloc");
  std::int64_t lost = 0;
  for (void*& block : blocks) {
    block = heap.realloc(block, bytes, 4 * bytes);
    lost += lost_bytes(block, bytes);
  }
  lab.observe("lost_bytes", lost);
  free_all(4 * bytes);
  heap.report(lab);
}

constexpr Description content{
    .name = "content",
    .family = "blocks",
    .question = "What is in the memory that malloc, calloc and realloc return?",
    .method = "Write a pattern and free; take again with malloc and calloc, grow with realloc.",
    .params = {{"block_bytes", "byte", "size of one block", "64 64KiB", "16 64 1KiB 64KiB 1MiB",
                "16 24 64 100 1KiB 4KiB 64KiB 200KiB 1MiB 4MiB"}},
    .phases = {"dirty", "malloc", "calloc", "realloc"},
    .metrics = {observed("nonzero_bytes", "byte", "bytes that are not zero in sixteen blocks"),
                observed("lost_bytes", "byte", "bytes of the pattern that realloc lost")},
    .ideals = {{"calloc", "nonzero_bytes", nothing, kExact},
               {"realloc", "lost_bytes", nothing, kExact},
               {"dirty", "allocations_count", exactly<kBlocks>, kExact},
               {"dirty", "frees_count", exactly<kBlocks>, kExact}},
    .plots = {view("Old bytes found in what malloc returned", "nonzero_bytes", In("malloc"),
                   Over("block_bytes"))},
    .claims = {"calloc-zeroes"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(content);

}  // namespace
}  // namespace lab
