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

// All pages count as what they are, and as nothing else.
template <ParamName kind>
std::int64_t bytes_if(const Point& point, std::int64_t page_bytes) {
  return point.is("kind", kind.text) ? bytes_of_pages<"pages">(point, page_bytes) : 0;
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
  touch_pages(work.memory, pages, kPageBytes, !is_file);
  lab.mark("share");
  std::optional<HelperProcess> helpers[kMostSharers];
  for (int i = 0; i < sharers && i < kMostSharers; ++i) {
    helpers[i].emplace(lab, share_step, &work);
    helpers[i]->step(1);
  }
  lab.mark("end");
}

constexpr Description rss_composition{
    .name = "rss_composition",
    .family = "kernel",
    .question = "Which kinds of memory does RSS count, and as whose?",
    .method = "Touch pages of one kind of mapping; other processes then touch the same pages.",
    .params = {{"kind", "token", "kind of mapping", "private_anonymous shared_anonymous file"},
               {"pages", "page", "pages touched", "64", "2300"},
               {"sharers", "count", "other processes that touch the same pages", "0 1", "0 1 3",
                "0 1 3 7"}},
    .phases = {"map", "touch", "share"},
    .ideals = {{"touch", "rss_anon_bytes", bytes_if<"private_anonymous">, kExact},
               {"touch", "rss_shmem_bytes", bytes_if<"shared_anonymous">, kExact},
               {"touch", "rss_file_bytes", bytes_if<"file">, kExact}},
    .plots = {view("RSS anon counts private anonymous memory", "rss_anon_bytes", Series("kind"),
                   Where("sharers=0"), kSinceStart),
              view("RSS file counts file pages", "rss_file_bytes", Series("kind"),
                   Where("sharers=0"), kSinceStart),
              view("RSS shmem counts shared memory", "rss_shmem_bytes", Series("kind"),
                   Where("sharers=0"), kSinceStart),
              view("PSS of one process falls as others share; its RSS does not", "pss_bytes",
                   In("share"), Over("sharers"), Series("kind"), kSinceStart)},
    .table = view("PSS since the start, after sharing", "pss_bytes", In("share"), Over("sharers"),
                  Panels("kind"), kSinceStart),
    .claims = {"rss-includes", "shr-not-additive"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(rss_composition);

}  // namespace
}  // namespace lab
