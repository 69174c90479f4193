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

std::int64_t pages(const Point& point, std::int64_t) { return point.number("pages"); }

std::int64_t bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("pages") * page_bytes;
}

Needs needs(const Point& point) { return {.memory_bytes = point.number("pages") * 4096}; }

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

constexpr Param kParams[] = {
    {"advice", "token", "what the kernel is told", "free dontneed"},
    {"pages", "page", "pages written", "23", "230", "23 230 2300 230000"},
};
constexpr std::string_view kPhases[] = {"write", "advise", "rewrite", "unmap"};
constexpr Ideal kIdeals[] = {
    {"write", "minor_faults_count", pages, kExact}, {"write", "rss_anon_bytes", bytes, kExact},
    {"advise", "rss_anon_bytes", nothing},          {"rewrite", "rss_anon_bytes", bytes, kExact},
    {"unmap", "rss_anon_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "DONTNEED empties RSS at once, FREE only marks it",
     .metric = "rss_anon_bytes",
     .series = "advice",
     .facet = "pages",
     .since_start = true},
    {.title = "Faults: rewriting is free after FREE and dear after DONTNEED",
     .metric = "minor_faults_count",
     .series = "advice",
     .facet = "pages"},
    {.title = "Memory that is marked free but still resident",
     .metric = "lazy_free_bytes",
     .series = "advice",
     .facet = "pages"},
};
constexpr std::string_view kClaims[] = {"madv-free-now"};

constexpr Experiment purge_advice{
    .name = "purge_advice",
    .family = "kernel",
    .question = "What do MADV_FREE and MADV_DONTNEED do to RSS, and what costs the next write?",
    .method = "Write a mapping, give it the advice, write it again.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start, after the advice",
              .metric = "rss_anon_bytes",
              .phase = "advise",
              .x = "advice",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(purge_advice);

}  // namespace
}  // namespace lab
