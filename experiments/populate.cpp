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

std::int64_t mapped_bytes(const Point& point, std::int64_t page_bytes) {
  return point.is("populate", "no") ? 0 : bytes_of_pages<"pages">(point, page_bytes);
}

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

constexpr Description populate{
    .name = "populate",
    .family = "kernel",
    .question = "Does populating a mapping in advance avoid its page faults?",
    .method = "Map with and without MAP_POPULATE, or populate with madvise; write every page.",
    .params = {{"populate", "token", "how the pages are brought in before", "no map madvise"},
               {"pages", "page", "pages of the mapping", "23", "230", "230 23000"}},
    .phases = {"map", "write", "unmap"},
    .ideals = {{"map", "rss_anon_bytes", mapped_bytes, kExact},
               {"map", "perf_page_faults_count", nothing, kExact},
               {"write", "perf_page_faults_count", faults, kExact},
               {"write", "rss_anon_bytes", bytes_of_pages<"pages">, kExact}},
    .plots = {view("Faults as rusage counts them", "minor_faults_count", Series("populate"),
                   Panels("pages")),
              view("Faults as perf counts them", "perf_page_faults_count", Series("populate"),
                   Panels("pages"))},
    .table = view("Faults while mapping, as rusage counts them", "minor_faults_count", In("map"),
                  Over("populate")),
    .claims = {"populate-no-fault"},
    .needs = memory_of_pages<"pages">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(populate);

}  // namespace
}  // namespace lab
