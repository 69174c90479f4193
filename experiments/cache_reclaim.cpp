// Question:  does the kernel drop page cache before it kills, and who does the work?
// Method:    under a memory limit, read a file larger than it, then write anonymous memory that
//            fits only if the cache goes.
// Ideal:     no kill; the page cache shrinks as the anonymous memory grows.
// Watch:     inside a cgroup the process that hits its limit reclaims directly; the background
//            reclaimer serves the whole machine and may have nothing to do.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/scratch_file.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  Needs needs = limited_to<"limit_bytes">(point);
  needs.system_snapshot = true;
  return needs;
}

std::int64_t anonymous_bytes(const Point& point, std::int64_t) {
  return point.number("limit_bytes") * point.number("anonymous_percent") / 100;
}

void run(Context& lab) {
  const std::int64_t limit = lab.param("limit_bytes");
  const auto file_bytes = static_cast<std::size_t>(limit * lab.param("file_percent") / 100);
  const auto bytes = static_cast<std::size_t>(limit * lab.param("anonymous_percent") / 100);
  const std::size_t page_bytes = lab.page_bytes();
  ScratchFile file(lab);
  file.write(file_bytes);
  file.evict();

  lab.mark("read_file");
  file.read(file_bytes);
  lab.observe("cached_pages_count", file.cache_state().cached_pages);
  lab.mark("write_anonymous");
  unsigned char* memory = map_memory(lab, bytes);
  advise(memory, bytes, MADV_NOHUGEPAGE);
  write_pages(memory, bytes / page_bytes, page_bytes);
  lab.observe("cached_pages_count", file.cache_state().cached_pages);
  lab.mark("unmap");
  unmap(memory, bytes);
}

constexpr Description cache_reclaim{
    .name = "cache_reclaim",
    .family = "limits",
    .question = "Does the kernel drop page cache before it kills, and who does the work?",
    .method = "Under a memory limit, read a larger file, then write anonymous memory.",
    .params = {{"limit_bytes", "byte", "memory limit of the run's cgroup", "32MiB", "64MiB",
                "64MiB 512MiB"},
               {"file_percent", "percent", "size of the file, of the limit", "150", "250"},
               {"anonymous_percent", "percent", "anonymous memory written, of the limit", "50",
                "30 75"}},
    .phases = {"read_file", "write_anonymous", "unmap"},
    .metrics = {observed("cached_pages_count", "count", "pages of the file in the page cache")},
    .ideals = {{"write_anonymous", "rss_anon_bytes", anonymous_bytes, kExact}},
    .plots = {view("The page cache gives way to anonymous memory", "cgroup_file_bytes",
                   Panels("anonymous_percent")),
              view("Anonymous memory under the limit", "rss_anon_bytes",
                   Panels("anonymous_percent"), kSinceStart)},
    .table = view("Page cache of the cgroup", "cgroup_file_bytes"),
    .claims = {"reclaim-cache-first", "reclaim-two-ways"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(cache_reclaim);

}  // namespace
}  // namespace lab
