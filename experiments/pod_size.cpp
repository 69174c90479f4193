// Question: how small a memory limit lets each allocator finish the same work?
// Method:   under a memory limit, fill to 40 MiB live in blocks of 16 to 1024 bytes, replace them
//           twice over; limits of 75, 90, 100, 110, 120, 140 and 160 % of the live bytes, with and
//           without swap. A search without swap finds the smallest limit that suffices.
// Ideal:    the live bytes and the process itself: a little above 100 %.
// Watch:    below its need a run without swap is OOM-killed; that end is what the case is for. The
//           table of blocks (16 bytes each, 1.2 MiB) is charged to the same limit. Free swap does
//           not save every run: a page that is swapped in counts as active, and when all pages are,
//           the kernel finds none to reclaim for the next one and kills (its log: inactive_anon 0).
#include <algorithm>

#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"
#include "experiments/workload/size_distribution.h"

namespace lab {
namespace {

constexpr std::int64_t kLiveBytes = 40 << 20;
constexpr std::size_t kBlocks = kLiveBytes / 520;  // the mean of 16 … 1024

// What a limit leaves resident of the live bytes.
std::int64_t live_bytes(const Point& point, std::int64_t) {
  return std::min(point.number("limit_bytes"), kLiveBytes);
}
bool finishes(const RunView& run) { return run.ok(); }

Needs needs(const Point& point) {
  const std::int64_t limit = point.number("limit_bytes");
  return {.memory_bytes = 2 * limit,
          .memory_limit_bytes = limit,
          .swap_limit_bytes = point.is("swap", "none") ? 0 : -1,
          .swap_file_bytes = point.is("swap", "none") ? 0 : 4 * kLiveBytes,
          .cgroup_snapshot = true};
}

void run(Context& lab) {
  const SizeDistribution sizes = SizeDistribution::named("uniform");
  LiveSet live(lab, kBlocks);
  Rng rng = lab.rng();

  lab.mark("fill");
  for (std::size_t slot = 0; slot < kBlocks; ++slot) live.place(slot, sizes.draw(rng));
  live.report(lab);
  lab.mark("churn");
  for (std::size_t i = 0; i < 2 * kBlocks; ++i) live.replace(rng.below(kBlocks), sizes.draw(rng));
  live.report(lab);
}

constexpr Description pod_size{
    .name = "pod_size",
    .family = "limits",
    .question = "How small a memory limit lets each allocator finish the same work?",
    .method =
        "Fill to 40 MiB live, replace twice over, under memory limits with and "
        "without swap; bisect the smallest limit that suffices.",
    .params = {{"limit_bytes", "byte", "memory limit of the run's cgroup", "160MiB",
                "30MiB 36MiB 40MiB 44MiB 48MiB 56MiB 64MiB"},
               {"swap", "token", "whether there is a swap file", "none", "none file"}},
    .phases = {"fill", "churn"},
    .ideals = {{"fill", "rss_anon_bytes", live_bytes},
               {"churn", "rss_anon_bytes", live_bytes},
               {"fill", "allocations_count", exactly<kBlocks>, kExact},
               {"churn", "allocations_count", exactly<2 * kBlocks>, kExact},
               {"churn", "frees_count", exactly<2 * kBlocks>, kExact}},
    .plots =
        {view("Resident under the limit after churn; no point: the run was killed",
              "rss_anon_bytes", In("churn"), Over("limit_bytes"), Panels("swap"), kSinceStart),
         view("Major faults while churning: what a limit below the need costs where there is swap",
              "major_faults_count", In("churn"), Over("limit_bytes"), Where("swap=file")),
         view("How often the limit made the kernel reclaim while churning, where there is swap",
              "cgroup_limit_hits_count", In("churn"), Over("limit_bytes"), Where("swap=file"))},
    .searches = {bisect(
        "smallest_limit", "Smallest memory limit under which the work is finished", "limit_bytes",
        {.low = kLiveBytes / 2, .high = 8 * kLiveBytes, .step = 256 << 10}, finishes, "swap=none")},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(pod_size);

}  // namespace
}  // namespace lab
