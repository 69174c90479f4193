// Question:  does reading an untouched page make it resident?
// Method:    read every page of a fresh mapping, then write every page.
// Ideal:     the read maps the shared zero page: faults, no RSS; the write faults again and pays.
// Watch:     with huge pages a read may map the huge zero page: one fault for 512 pages.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

std::int64_t pages(const Point& point, std::int64_t) { return point.number("pages"); }

std::int64_t bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("pages") * page_bytes;
}

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t page_bytes = lab.page_bytes();
  lab.mark("map");
  unsigned char* memory = map_memory(lab, count * page_bytes);
  advise(memory, count * page_bytes, MADV_NOHUGEPAGE);
  lab.mark("read");
  read_pages(memory, count, page_bytes);
  lab.mark("write");
  write_pages(memory, count, page_bytes);
  lab.mark("unmap");
  unmap(memory, count * page_bytes);
}

constexpr Param kParams[] = {
    {"pages", "page", "pages read, then written", "1 23", "1 23 230", "1 23 230 2300 23000"},
};
constexpr std::string_view kPhases[] = {"map", "read", "write", "unmap"};
constexpr Ideal kIdeals[] = {
    {"map", "minor_faults_count", nothing, kExact}, {"read", "minor_faults_count", pages, kExact},
    {"read", "rss_anon_bytes", nothing, kExact},    {"write", "minor_faults_count", pages, kExact},
    {"write", "rss_anon_bytes", bytes, kExact},     {"unmap", "rss_anon_bytes", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Reading costs faults but no memory; writing costs both",
     .metric = "rss_anon_bytes",
     .facet = "pages",
     .since_start = true},
    {.title = "Every page faults twice: at its first read and at its first write",
     .metric = "minor_faults_count",
     .facet = "pages"},
};
constexpr std::string_view kClaims[] = {"read-touch"};

constexpr Experiment read_touch{
    .name = "read_touch",
    .family = "kernel",
    .question = "Does reading an untouched page make it resident?",
    .method = "Read every page of a fresh mapping, then write every page.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "RSS anon since the start, after reading",
              .metric = "rss_anon_bytes",
              .phase = "read",
              .x = "pages",
              .since_start = true},
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(read_touch);

}  // namespace
}  // namespace lab
