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

constexpr Description mmap_zeroed{
    .name = "mmap_zeroed",
    .family = "kernel",
    .question = "Is memory fresh from the kernel zero, whatever was in it before?",
    .method = "Dirty and return memory, take fresh memory in one of several ways, read it all.",
    .params = {{"source", "token", "how the memory is taken",
                "anonymous shared_anonymous populated brk dontneed"},
               {"pages", "page", "pages dirtied and taken", "23", "1000", "100000"}},
    .phases = {"dirty", "take", "read"},
    .metrics = {observed("nonzero_bytes", "byte", "bytes that are not zero")},
    .ideals = {{"read", "nonzero_bytes", nothing, kExact}},
    .plots = {view("Bytes that are not zero in fresh memory", "nonzero_bytes", In("read"),
                   Over("source"))},
    .claims = {"mmap-zeroed"},
    .needs = memory_of_pages<"pages", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(mmap_zeroed);

}  // namespace
}  // namespace lab
