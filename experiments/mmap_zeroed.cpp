// Question:  is memory fresh from the kernel zero, whatever was in it before?
// Method:    dirty as much memory and give it back, so that freed frames are around; then take
//            fresh memory in one of several ways and count bytes that are not zero.
// Ideal:     none.
// Watch:     the process must not see its own old bytes, nor anyone else's.
#include <unistd.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"

namespace lab {
namespace {

Needs needs(const Point& point) { return {.memory_bytes = 2 * point.number("pages") * 4096}; }

// Returns `bytes` of memory from the kernel by way of `source`.
unsigned char* take(Context& lab, std::string_view source, std::size_t bytes) {
  if (source == "anonymous") return map_memory(lab, bytes);
  if (source == "shared_anonymous") return map_memory(lab, bytes, MAP_SHARED);
  if (source == "populated") return map_memory(lab, bytes, MAP_PRIVATE | MAP_POPULATE);
  if (source == "brk") return static_cast<unsigned char*>(sbrk(static_cast<std::intptr_t>(bytes)));
  unsigned char* memory = map_memory(lab, bytes);  // dontneed
  fill(memory, bytes);
  advise(memory, bytes, MADV_DONTNEED);
  return memory;
}

void run(Context& lab) {
  const std::size_t bytes = static_cast<std::size_t>(lab.param("pages")) * lab.page_bytes();
  const std::string_view source = lab.text("source");
  lab.mark("dirty");
  unsigned char* dirty = map_memory(lab, bytes);
  fill(dirty, bytes);
  unmap(dirty, bytes);
  lab.mark("take");
  unsigned char* memory = take(lab, source, bytes);
  lab.mark("read");
  lab.observe("nonzero_bytes", nonzero_bytes(memory, bytes));
}

constexpr Param kParams[] = {
    {"source", "token", "how the memory is taken",
     "anonymous shared_anonymous populated brk dontneed"},
    {"pages", "page", "pages dirtied and taken", "23", "1000", "100000"},
};
constexpr std::string_view kPhases[] = {"dirty", "take", "read"};
constexpr Metric kMetrics[] = {observed("nonzero_bytes", "byte", "bytes that are not zero")};
constexpr Ideal kIdeals[] = {
    {"read", "nonzero_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Bytes that are not zero in fresh memory",
     .metric = "nonzero_bytes",
     .phase = "read",
     .x = "source"},
};
constexpr std::string_view kClaims[] = {"mmap-zeroed"};

constexpr Experiment mmap_zeroed{
    .name = "mmap_zeroed",
    .family = "kernel",
    .question = "Is memory fresh from the kernel zero, whatever was in it before?",
    .method = "Dirty and return memory, take fresh memory in one of several ways, read it all.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Bytes that are not zero",
              .metric = "nonzero_bytes",
              .phase = "read",
              .x = "source"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_zeroed);

}  // namespace
}  // namespace lab
