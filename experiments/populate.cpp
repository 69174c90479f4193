// Question:  does populating a mapping in advance avoid its page faults?
// Method:    map with and without MAP_POPULATE, or populate with madvise; then write every page.
// Ideal:     populated: no fault while writing. Not populated: one per page.
// Watch:     rusage and perf disagree by design about pages that populating brings in: the
//            process is charged for them although it never trapped.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t faults(const Point& point, std::int64_t) {
  return point.is("populate", "no") ? point.number("pages") : 0;
}

std::int64_t bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("pages") * page_bytes;
}

std::int64_t mapped_bytes(const Point& point, std::int64_t page_bytes) {
  return point.is("populate", "no") ? 0 : bytes(point, page_bytes);
}

Needs needs(const Point& point) { return {.memory_bytes = point.number("pages") * 4096}; }

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t page_bytes = lab.page_bytes();
  const bool at_map = lab.is("populate", "map");
  const bool by_advice = lab.is("populate", "madvise");
  lab.mark("map");
  unsigned char* memory =
      map_memory(lab, count * page_bytes, MAP_PRIVATE | (at_map ? MAP_POPULATE : 0));
  if (by_advice && !advise(memory, count * page_bytes, MADV_POPULATE_WRITE))
    lab.skip("this kernel has no MADV_POPULATE_WRITE");
  lab.mark("write");
  write_pages(memory, count, page_bytes);
  lab.mark("unmap");
  unmap(memory, count * page_bytes);
}

constexpr Param kParams[] = {
    {"populate", "token", "how the pages are brought in before", "no map madvise"},
    {"pages", "page", "pages of the mapping", "23", "230", "230 23000"},
};
constexpr std::string_view kPhases[] = {"map", "write", "unmap"};
constexpr Ideal kIdeals[] = {
    {"map", "rss_anon_bytes", mapped_bytes, kExact},
    {"map", "perf_page_faults_count", nothing, kExact},
    {"write", "perf_page_faults_count", faults, kExact},
    {"write", "rss_anon_bytes", bytes, kExact},
};
constexpr View kPlots[] = {
    {.title = "Faults as rusage counts them",
     .metric = "minor_faults_count",
     .series = "populate",
     .facet = "pages"},
    {.title = "Faults as perf counts them",
     .metric = "perf_page_faults_count",
     .series = "populate",
     .facet = "pages"},
};
constexpr std::string_view kClaims[] = {"populate-no-fault"};

constexpr Experiment populate{
    .name = "populate",
    .family = "kernel",
    .question = "Does populating a mapping in advance avoid its page faults?",
    .method = "Map with and without MAP_POPULATE, or populate with madvise; write every page.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Faults while mapping, as rusage counts them",
              .metric = "minor_faults_count",
              .phase = "map",
              .x = "populate"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(populate);

}  // namespace
}  // namespace lab
