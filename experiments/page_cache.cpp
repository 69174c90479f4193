// Question:  does a second read of a file come from memory, and can a process tell?
// Method:    write a file, evict it, read it twice; cachestat after each step.
// Ideal:     only the first read fetches from storage.
// Watch:     the process's read_bytes counts what went to storage on its behalf; reading ahead
//            may fetch more than was asked for.
#include "experiments/workload/describe.h"
#include "experiments/workload/scratch_file.h"

namespace lab {
namespace {

std::int64_t bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("pages") * page_bytes;
}
std::int64_t pages(const Point& point, std::int64_t) { return point.number("pages"); }

void observe_cache(Context& lab, ScratchFile& file) {
  const CacheState state = file.cache_state();
  lab.observe("cached_pages_count", state.cached_pages);
  lab.observe("dirty_pages_count", state.dirty_pages);
}

void run(Context& lab) {
  const std::size_t size = static_cast<std::size_t>(lab.param("pages")) * lab.page_bytes();
  ScratchFile file(lab);
  file.cache_state();

  lab.mark("write");
  file.write(size);
  observe_cache(lab, file);
  lab.mark("evict");
  file.evict();
  observe_cache(lab, file);
  lab.mark("first_read");
  file.read(size);
  observe_cache(lab, file);
  lab.mark("second_read");
  file.read(size);
  observe_cache(lab, file);
}

constexpr Param kParams[] = {{"pages", "page", "size of the file", "64", "4096", "65536"}};
constexpr std::string_view kPhases[] = {"write", "evict", "first_read", "second_read"};
constexpr Metric kMetrics[] = {
    observed("cached_pages_count", "count", "pages of the file in the page cache"),
    observed("dirty_pages_count", "count", "of those, pages not yet on the disk"),
};
constexpr Ideal kIdeals[] = {
    {"write", "cached_pages_count", pages, kExact},
    {"evict", "cached_pages_count", nothing},
    {"first_read", "read_bytes", bytes},
    {"first_read", "cached_pages_count", pages},
    {"second_read", "read_bytes", nothing, kExact},
    {"write", "write_chars_bytes", bytes, kExact},
    {"first_read", "read_chars_bytes", bytes, kExact},
    {"second_read", "read_chars_bytes", bytes, kExact},
};
constexpr View kPlots[] = {
    {.title = "Bytes fetched from storage", .metric = "read_bytes", .facet = "pages"},
    {.title = "Pages in the page cache", .metric = "cached_pages_count", .facet = "pages"},
};
constexpr std::string_view kClaims[] = {"page-cache-hit", "cache-per-process"};

constexpr Experiment page_cache{
    .name = "page_cache",
    .family = "kernel",
    .question = "Does a second read of a file come from memory, and can a process tell?",
    .method = "Write a file, evict it, read it twice; ask cachestat after each step.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Bytes fetched from storage", .metric = "read_bytes"},
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(page_cache);

}  // namespace
}  // namespace lab
