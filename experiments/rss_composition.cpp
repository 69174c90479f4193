// Question:  which kinds of memory does RSS count, and as whose?
// Method:    touch pages of one kind of mapping; then processes that inherited it touch the same
//            pages.
// Ideal:     each page counts once in RSS of every process that maps it, and in PSS once
//            altogether.
// Watch:     private file pages that are only read count as file pages; written, as anonymous.
#include <optional>

#include "experiments/workload/describe.h"
#include "experiments/workload/helper_process.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/scratch_file.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr int kMostSharers = 8;

struct Work {
  unsigned char* memory;
  std::size_t pages;
};

void share_step(int, void* argument) {
  const auto* work = static_cast<const Work*>(argument);
  read_pages(work->memory, work->pages, kPageBytes);
}

std::int64_t bytes(const Point& point, std::int64_t page_bytes) {
  return point.number("pages") * page_bytes;
}

std::int64_t anon(const Point& point, std::int64_t page_bytes) {
  return point.is("kind", "private_anonymous") ? bytes(point, page_bytes) : 0;
}
std::int64_t shmem(const Point& point, std::int64_t page_bytes) {
  return point.is("kind", "shared_anonymous") ? bytes(point, page_bytes) : 0;
}
std::int64_t file(const Point& point, std::int64_t page_bytes) {
  return point.is("kind", "file") ? bytes(point, page_bytes) : 0;
}

void run(Context& lab) {
  const auto pages = static_cast<std::size_t>(lab.param("pages"));
  const auto sharers = static_cast<int>(lab.param("sharers"));
  const bool is_file = lab.is("kind", "file");
  const int flags = lab.is("kind", "private_anonymous") ? MAP_PRIVATE : MAP_SHARED;
  ScratchFile scratch_file(lab);
  if (is_file) scratch_file.write(pages * kPageBytes);

  lab.mark("map");
  Work work{nullptr, pages};
  work.memory = map_memory(lab, pages * kPageBytes, flags, PROT_READ | PROT_WRITE,
                           is_file ? scratch_file.number() : -1);
  lab.mark("touch");
  if (is_file) {
    read_pages(work.memory, pages, kPageBytes);
  } else {
    write_pages(work.memory, pages, kPageBytes);
  }
  lab.mark("share");
  std::optional<HelperProcess> helpers[kMostSharers];
  for (int i = 0; i < sharers && i < kMostSharers; ++i) {
    helpers[i].emplace(lab, share_step, &work);
    helpers[i]->step(1);
  }
  lab.mark("end");
}

constexpr Param kParams[] = {
    {"kind", "token", "kind of mapping", "private_anonymous shared_anonymous file"},
    {"pages", "page", "pages touched", "64", "2300"},
    {"sharers", "count", "other processes that touch the same pages", "0 1", "0 1 3", "0 1 3 7"},
};
constexpr std::string_view kPhases[] = {"map", "touch", "share"};
constexpr Ideal kIdeals[] = {
    {"touch", "rss_anon_bytes", anon, kExact},
    {"touch", "rss_shmem_bytes", shmem, kExact},
    {"touch", "rss_file_bytes", file, kExact},
};
constexpr View kPlots[] = {
    {.title = "Anonymous memory",
     .metric = "rss_anon_bytes",
     .series = "kind",
     .where = "sharers=0",
     .since_start = true},
    {.title = "File pages",
     .metric = "rss_file_bytes",
     .series = "kind",
     .where = "sharers=0",
     .since_start = true},
    {.title = "Shared memory",
     .metric = "rss_shmem_bytes",
     .series = "kind",
     .where = "sharers=0",
     .since_start = true},
    {.title = "PSS of one process falls as others share; its RSS does not",
     .metric = "pss_bytes",
     .phase = "share",
     .x = "sharers",
     .series = "kind",
     .since_start = true},
};
constexpr std::string_view kClaims[] = {"rss-includes", "shr-not-additive"};

constexpr Experiment rss_composition{
    .name = "rss_composition",
    .family = "kernel",
    .question = "Which kinds of memory does RSS count, and as whose?",
    .method = "Touch pages of one kind of mapping; other processes then touch the same pages.",
    .params = kParams,
    .phases = kPhases,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "PSS since the start, after sharing",
              .metric = "pss_bytes",
              .phase = "share",
              .x = "sharers",
              .facet = "kind",
              .since_start = true},
    .claims = kClaims,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(rss_composition);

}  // namespace
}  // namespace lab
