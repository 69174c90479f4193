// Question:  where does the kernel take physical pages from, and where its own small objects?
// Method:    write a large anonymous range; split a mapping into thousands of pieces, each of
//            which is a kernel object; undo both. The machine's buddy and slab lists after each
//            step.
// Ideal:     none; the machine is not ours alone.
// Watch:     free lists hold blocks of 2^order pages: pages, not blocks, add up; and every CPU
//            keeps freed pages of its own, up to an eighth of memory in all, that these lists
//            leave out.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("touched_bytes"), .system_snapshot = true};
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("touched_bytes"));
  const auto pieces = static_cast<std::size_t>(lab.param("pieces"));
  const std::size_t page_bytes = lab.page_bytes();

  lab.mark("touch");
  unsigned char* memory = map_memory(lab, bytes);
  advise(memory, bytes, MADV_NOHUGEPAGE);
  write_pages(memory, bytes / page_bytes, page_bytes);
  lab.mark("unmap");
  unmap(memory, bytes);
  lab.mark("split");
  unsigned char* range = map_memory(lab, pieces * page_bytes, MAP_PRIVATE | MAP_NORESERVE);
  for (std::size_t i = 0; i < pieces; i += 2)
    mprotect(range + i * page_bytes, page_bytes, PROT_READ);
  lab.mark("unsplit");
  unmap(range, pieces * page_bytes);
}

constexpr Description kernel_objects{
    .name = "kernel_objects",
    .family = "kernel",
    .question = "Where does the kernel take physical pages from, and where its own small objects?",
    .method = "Write a large range; split a mapping into thousands of pieces; undo both.",
    .params = {{"touched_bytes", "byte", "anonymous memory written", "16MiB", "512MiB", "2GiB"},
               {"pieces", "count", "mappings made by splitting one", "1000", "20000", "60000"}},
    .phases = {"touch", "unmap", "split", "unsplit"},
    .ideals = {{"touch", "rss_anon_bytes", param<"touched_bytes">, kExact},
               {"touch", "minor_faults_count", pages_spanned<"touched_bytes">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact},
               {"split", "minor_faults_count", nothing, kExact}},
    .plots = {view("Free memory of the buddy system", "system_mem_free_bytes", kSinceStart),
              view("Slab of mappings: one object each", "system_slab_vm_area_bytes", kSinceStart)},
    .table = view("Slab of mappings since the start", "system_slab_vm_area_bytes", kSinceStart),
    .claims = {"buddy-slab"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(kernel_objects);

}  // namespace
}  // namespace lab
