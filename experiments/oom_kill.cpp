// Question:  which call fails when there is no memory left: malloc, or the touch?
// Method:    under a memory limit without swap, malloc less or more than the limit and write it
//            all.
// Ideal:     below the limit the run ends well; above it malloc succeeds and the run is
//            OOM-killed while it writes. That end is what the case is for.
// Watch:     the end is a signal to the process, not an error code; only the cgroup's kill
//            counter tells it from any other SIGKILL.
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("limit_bytes")) *
                     static_cast<std::size_t>(lab.param("requested_percent")) / 100;
  RequestLog heap;
  lab.mark("allocate");
  void* block = heap.malloc(bytes);
  heap.report(lab);
  lab.observe("block_address", block);
  if (block == nullptr) lab.skip("malloc refused the block: overcommit is limited here");
  lab.mark("touch");
  write_range(block, bytes, lab.page_bytes());
  lab.mark("free");
  heap.free(block, bytes);
  heap.report(lab);
}

constexpr Description oom_kill{
    .name = "oom_kill",
    .family = "limits",
    .question = "Which call fails when there is no memory left: malloc, or the touch?",
    .method = "Under a limit without swap, malloc less or more than the limit and write it all.",
    .params = {{"limit_bytes", "byte", "memory limit of the run's cgroup", "32MiB", "64MiB",
                "64MiB 512MiB"},
               {"requested_percent", "percent", "size of the block, of the limit", "50 200"}},
    .phases = {"allocate", "touch", "free"},
    .metrics = {observed("block_address", "address", "address of the block")},
    .ideals = {{"allocate", "rss_anon_bytes", nothing},
               {"allocate", "allocations_count", exactly<1>, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("malloc succeeds: address space after it", "vsz_bytes", In("allocate"),
                   Over("requested_percent"), kSinceStart),
              view("The touch is what kills: resident after writing", "rss_anon_bytes", In("touch"),
                   Over("requested_percent"), kSinceStart)},
    .claims = {"oom-kill"},
    .needs = limited_to<"limit_bytes">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(oom_kill);

}  // namespace
}  // namespace lab
