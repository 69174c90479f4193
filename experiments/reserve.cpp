// Question:  what does VSZ count that costs no memory?
// Method:    reserve inaccessible address space, map writable memory without touching it, then
//            touch a part of it.
// Ideal:     VSZ grows by all that was asked for; RSS only by what was touched.
// Watch:     inaccessible memory counts in VSZ but not in VmData.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t bytes(const Point& point, std::int64_t) { return point.number("reserved_bytes"); }
std::int64_t twice(const Point& point, std::int64_t) { return 2 * point.number("reserved_bytes"); }
std::int64_t touched(const Point& point, std::int64_t page_bytes) {
  return point.number("touched_pages") * page_bytes;
}

void run(Context& lab) {
  const auto reserved = static_cast<std::size_t>(lab.param("reserved_bytes"));
  const auto pages = static_cast<std::size_t>(lab.param("touched_pages"));
  lab.mark("reserve");
  map_memory(lab, reserved, MAP_PRIVATE | MAP_NORESERVE, PROT_NONE);
  lab.mark("map");
  unsigned char* memory = map_memory(lab, reserved, MAP_PRIVATE | MAP_NORESERVE);
  advise(memory, reserved, MADV_NOHUGEPAGE);
  lab.mark("touch");
  write_pages(memory, pages, lab.page_bytes());
}

constexpr Param kParams[] = {
    {"reserved_bytes", "byte", "size of each mapping", "1GiB", "1GiB", "1GiB 64GiB 1024GiB"},
    {"touched_pages", "page", "pages touched in the end", "23", "23 2300"},
};
constexpr std::string_view kPhases[] = {"reserve", "map", "touch"};
constexpr Ideal kIdeals[] = {
    {"reserve", "vsz_bytes", bytes, kExact},    {"reserve", "rss_anon_bytes", nothing, kExact},
    {"reserve", "data_bytes", nothing, kExact}, {"map", "vsz_bytes", twice, kExact},
    {"map", "data_bytes", bytes, kExact},       {"map", "rss_anon_bytes", nothing, kExact},
    {"touch", "vsz_bytes", twice, kExact},      {"touch", "rss_anon_bytes", touched, kExact},
};
constexpr View kPlots[] = {
    {.title = "VSZ counts every promise",
     .metric = "vsz_bytes",
     .facet = "touched_pages",
     .where = "reserved_bytes=1GiB",
     .since_start = true},
    {.title = "RSS anon counts what was touched",
     .metric = "rss_anon_bytes",
     .facet = "touched_pages",
     .where = "reserved_bytes=1GiB",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"vsz-includes-all"};

constexpr Experiment reserve{
    .name = "reserve",
    .family = "kernel",
    .question = "What does VSZ count that costs no memory?",
    .method = "Reserve inaccessible address space, map writable memory, touch a part of it.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "VSZ since the start",
              .metric = "vsz_bytes",
              .where = "reserved_bytes=1GiB touched_pages=23",
              .since_start = true},
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(reserve);

}  // namespace
}  // namespace lab
