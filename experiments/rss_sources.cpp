// Question:  does VmRSS in status agree with what the kernel counts page by page?
// Method:    write some pages of a fresh mapping, in each of many phases; both numbers at each
//            mark.
// Ideal:     they are equal at every mark.
// Watch:     kernels differ in how late they add up the counters of each thread or CPU.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/thread_team.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr int kRounds = 10;

void run(Context& lab) {
  const auto pages = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t page_bytes = lab.page_bytes();
  ThreadTeam team(static_cast<int>(lab.param("threads")));
  const auto workers = static_cast<std::size_t>(team.size());
  const std::size_t bytes = pages * page_bytes;
  unsigned char* memory = map_memory(lab, kRounds * workers * bytes);
  advise(memory, kRounds * workers * bytes, MADV_NOHUGEPAGE);

  for (int round = 0; round < kRounds; ++round) {
    lab.mark("touch");
    unsigned char* slice = memory + static_cast<std::size_t>(round) * workers * bytes;
    team.run([&](int worker) {
      write_pages(slice + static_cast<std::size_t>(worker) * bytes, pages, page_bytes);
    });
  }
  lab.mark("end");
}

std::int64_t written_pages(const Point& point, std::int64_t) {
  return point.number("pages") * point.number("threads");
}

constexpr Description rss_sources{
    .name = "rss_sources",
    .family = "kernel",
    .question = "Does VmRSS in status agree with what the kernel counts page by page?",
    .method = "Write some pages of a fresh mapping, in each of ten phases; both numbers.",
    .params = {{"pages", "page", "pages each thread writes in a phase", "23", "1 23 63 1000"},
               {"threads", "count", "threads that write", "1 2", "1 4"}},
    .phases = {"touch"},
    .ideals = {{"touch", "minor_faults_count", written_pages, kExact}},
    .plots = {view("RSS as status tells it", "status_rss_bytes", In("touch"), Over("pages"),
                   Panels("threads"), kSinceStart),
              view("RSS counted page by page", "rss_bytes", In("touch"), Over("pages"),
                   Panels("threads"), kSinceStart)},
    .claims = {"vmrss-inexact"},
    .threads_limit = 5,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(rss_sources);

}  // namespace
}  // namespace lab
