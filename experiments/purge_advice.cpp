// Question:  what do MADV_FREE and MADV_DONTNEED do to RSS, and what does the next write cost?
// Method:    write a mapping, give it the advice, write it again.
// Ideal:     RSS falls at the advice; the rewrite faults once per page.
// Watch:     after MADV_FREE the pages stay counted until the kernel needs them; a rewrite takes
//            them back without a fault.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t page_bytes = lab.page_bytes();
  const int advice = lab.is("advice", "free") ? MADV_FREE : MADV_DONTNEED;
  unsigned char* memory = map_memory(lab, count * page_bytes);
  advise(memory, count * page_bytes, MADV_NOHUGEPAGE);

  lab.mark("write");
  write_pages(memory, count, page_bytes);
  lab.mark("advise");
  if (!advise(memory, count * page_bytes, advice)) lab.skip("this kernel refuses the advice");
  lab.mark("rewrite");
  write_pages(memory, count, page_bytes);
  lab.mark("unmap");
  unmap(memory, count * page_bytes);
}

constexpr Description purge_advice{
    .name = "purge_advice",
    .family = "kernel",
    .question = "What do MADV_FREE and MADV_DONTNEED do to RSS, and what costs the next write?",
    .method = "Write a mapping, give it the advice, write it again.",
    .params = {{"advice", "token", "what the kernel is told", "free dontneed"},
               {"pages", "page", "pages written", "23", "230", "23 230 2300 230000"}},
    .phases = {"write", "advise", "rewrite", "unmap"},
    .ideals = {{"write", "minor_faults_count", param<"pages">, kExact},
               {"write", "rss_anon_bytes", bytes_of_pages<"pages">, kExact},
               {"advise", "rss_anon_bytes", nothing},
               {"rewrite", "rss_anon_bytes", bytes_of_pages<"pages">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("DONTNEED empties RSS at once, FREE only marks it", "rss_anon_bytes",
                   Series("advice"), Panels("pages"), kSinceStart),
              view("Faults: rewriting is free after FREE and dear after DONTNEED",
                   "minor_faults_count", Series("advice"), Panels("pages")),
              view("Memory that is marked free but still resident", "lazy_free_bytes",
                   Series("advice"), Panels("pages"))},
    .table = view("RSS anon since the start, after the advice", "rss_anon_bytes", In("advise"),
                  Over("advice"), kSinceStart),
    .claims = {"madv-free-now"},
    .needs = memory_of_pages<"pages">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(purge_advice);

}  // namespace
}  // namespace lab
