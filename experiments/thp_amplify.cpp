// Question:  how much memory does one touched byte cost with and without huge pages?
// Method:    a mapping aligned to 2 MiB, advised or not; touch one byte of each 2 MiB, by reading
//            or writing.
// Ideal:     one small page per byte touched; for reads none.
// Watch:     with THP `always` memory that was not advised is huge too; with `never` none is.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kHugeBytes = 2 << 20;

std::int64_t touches(const Point& point, std::int64_t) { return point.number("touched_bytes"); }

std::int64_t small_pages(const Point& point, std::int64_t page_bytes) {
  return point.is("touch", "write") ? point.number("touched_bytes") * page_bytes : 0;
}

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("touched_bytes") * static_cast<std::int64_t>(kHugeBytes)};
}

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("touched_bytes"));
  const int advice = lab.is("advice", "hugepage") ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
  const bool advised = !lab.is("advice", "none");
  const bool write = lab.is("touch", "write");
  lab.mark("map");
  unsigned char* memory = map_aligned(lab, count * kHugeBytes, kHugeBytes);
  if (advised && !advise(memory, count * kHugeBytes, advice))
    lab.skip("this kernel has no transparent huge pages");
  lab.mark("touch");
  if (write) {
    write_pages(memory, count, kHugeBytes);
  } else {
    read_pages(memory, count, kHugeBytes);
  }
  lab.mark("unmap");
  unmap(memory, count * kHugeBytes);
}

constexpr Param kParams[] = {
    {"advice", "token", "what madvise says of the mapping", "none hugepage nohugepage"},
    {"touch", "token", "what is done to each byte", "write read"},
    {"touched_bytes", "count", "bytes touched, one in each 2 MiB", "1", "1 8", "1 8 64"},
};
constexpr std::string_view kPhases[] = {"map", "touch", "unmap"};
constexpr Ideal kIdeals[] = {
    {"touch", "rss_anon_bytes", small_pages},
    {"touch", "minor_faults_count", touches, kExact},
    {"unmap", "rss_anon_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Resident memory for the bytes touched",
     .metric = "rss_anon_bytes",
     .phase = "touch",
     .x = "touched_bytes",
     .series = "advice",
     .facet = "touch",
     .since_start = true},
    {.title = "Of that in huge pages",
     .metric = "anon_huge_bytes",
     .phase = "touch",
     .x = "touched_bytes",
     .series = "advice",
     .facet = "touch"},
};
constexpr std::string_view kClaims[] = {"thp-amplify"};

constexpr Experiment thp_amplify{
    .name = "thp_amplify",
    .family = "kernel",
    .question = "How much memory does one touched byte cost with and without huge pages?",
    .method = "A mapping aligned to 2 MiB, advised or not; touch one byte of each 2 MiB.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start",
              .metric = "rss_anon_bytes",
              .phase = "touch",
              .x = "advice",
              .facet = "touch",
              .where = "touched_bytes=1",
              .since_start = true},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thp_amplify);

}  // namespace
}  // namespace lab
