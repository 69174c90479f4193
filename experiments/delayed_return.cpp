// Question: after a burst is freed, how long does its memory stay with the process?
// Method:   allocate a burst of 1 KiB blocks, free all or all but a scattered twentieth, and watch
//           while the program sleeps (idle), makes one small request every millisecond (tick), or
//           64 of random sizes (busy). The watched stretches double; then ask for release.
// Ideal:    only the pages that hold a survivor stay, at once.
// Watch:    an allocator without a thread of its own can only purge when the program calls it;
//           calls that a thread cache answers may not be enough, however many.
#include "experiments/workload/burst.h"
#include "experiments/workload/waiting.h"

namespace lab {
namespace {

constexpr std::size_t kBlockBytes = 1024;
constexpr int kWatches = 8;
constexpr std::string_view kPhases[] = {"burst",   "free",    "watch_1", "watch_2",
                                        "watch_3", "watch_4", "watch_5", "watch_6",
                                        "watch_7", "watch_8", "release"};
constexpr std::size_t kFirstWatch = 2;

void run(Context& lab) {
  const auto blocks = static_cast<std::size_t>(lab.param("burst_bytes")) / kBlockBytes;
  const std::int64_t watch_ms = lab.param("watch_ms");
  LiveSet live(lab, blocks);
  Waiting waiting(lab);

  lab.mark("burst");
  fill(live, kBlockBytes);
  live.report(lab);
  lab.mark("free");
  if (lab.param("freed_percent") == 100) live.drop_all();
  else drop_between_survivors(live);
  live.report(lab);
  lab.statistics();
  std::int64_t waited_ms = 0;
  for (int watch = 0; watch < kWatches; ++watch) {
    lab.mark(kPhases[kFirstWatch + static_cast<std::size_t>(watch)]);
    const std::int64_t until_ms = watch_ms >> (kWatches - 1 - watch);
    waiting.pass(lab, until_ms - waited_ms);
    live.report(lab);
    waited_ms = until_ms;
  }
  lab.mark("release");
  lab.release_free_memory();
  lab.statistics();
}

constexpr View while_waiting(std::string_view title, std::string_view where) {
  return view(title, "rss_anon_bytes", Panels("freed_percent"), Where(where), kSinceStart);
}
constexpr Description delayed_return{
    .name = "delayed_return",
    .family = "return",
    .question = "After a burst is freed, how long does its memory stay with the process?",
    .method =
        "A burst of 1 KiB blocks is freed, all or all but a scattered twentieth, then watched "
        "idle, ticking or busy over stretches that double; then release.",
    .params = {{"burst_bytes", "byte", "sum of all blocks of the burst", "1MiB", "32MiB", "256MiB"},
               {"freed_percent", "percent", "share of the blocks that is freed", "100 95"},
               {"wait", "token", "what the program does while it is watched", "idle tick busy"},
               {"watch_ms", "ms",
                "watched time; watch_8 ends at all of it, watch_7 at half, and so on", "8", "12800",
                "32000"}},
    .phases = kPhases,
    .ideals = {{"burst", "rss_anon_bytes", param<"burst_bytes">},
               {"free", "rss_anon_bytes", survivor_pages_bytes},
               {"watch_8", "rss_anon_bytes", survivor_pages_bytes},
               {"release", "rss_anon_bytes", survivor_pages_bytes},
               {"burst", "allocations_count", burst_blocks, kExact},
               {"free", "frees_count", freed_blocks, kExact}},
    .plots = {while_waiting(
                  "How long a freed burst stays while the program sleeps; each watch doubles",
                  "wait=idle"),
              while_waiting("The same while the program makes one small request every millisecond",
                            "wait=tick"),
              while_waiting("The same while it makes 64 requests of random sizes every millisecond",
                            "wait=busy")},
    .table = view("RSS anon since the start, at the end of the watch", "rss_anon_bytes",
                  In("watch_8"), Over("wait"), Panels("freed_percent"), kSinceStart),
    .claims = {"delete-late", "frees-follow-decay"},
    .needs = memory_of<"burst_bytes", 2>,
    .mostly_idle = true,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(delayed_return);

}  // namespace
}  // namespace lab
