// Question: does malloc_trim return memory when another allocator is preloaded?
// Method:   a burst of blocks of which a scattered twentieth survives; then malloc_trim(0), as many
//           programs call it; then the allocator's own release.
// Ideal:    the first call leaves only the pages that hold a survivor.
// Watch:    malloc_trim is libc's and knows libc's heap alone, whichever allocator serves malloc.
#include <malloc.h>

#include "experiments/workload/burst.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto block_bytes = static_cast<std::size_t>(lab.param("block_bytes"));
  const std::size_t blocks = static_cast<std::size_t>(lab.param("burst_bytes")) / block_bytes;
  LiveSet live(lab, blocks);

  lab.mark("burst");
  fill(live, block_bytes);
  live.report(lab);
  lab.mark("free");
  drop_between_survivors(live);
  live.report(lab);
  lab.mark("trim");
  malloc_trim(0);
  lab.mark("release");
  lab.release_free_memory();
}

constexpr Description release_calls{
    .name = "release_calls",
    .family = "return",
    .question = "Does malloc_trim return memory when another allocator is preloaded?",
    .method =
        "A burst of which a scattered twentieth survives; malloc_trim(0); then the allocator's "
        "own release.",
    .params = {{"burst_bytes", "byte", "sum of all blocks", "1MiB", "32MiB", "256MiB"},
               {"block_bytes", "byte", "size of one block", "1KiB", "1KiB 16KiB"}},
    .phases = {"burst", "free", "trim", "release"},
    .ideals = {{"free", "rss_anon_bytes", survivor_pages_bytes},
               {"trim", "rss_anon_bytes", survivor_pages_bytes},
               {"release", "rss_anon_bytes", survivor_pages_bytes},
               {"burst", "allocations_count", burst_blocks, kExact},
               {"free", "frees_count", freed_blocks, kExact}},
    .plots = {view("malloc_trim reaches glibc's heap only; each allocator has a call of its own",
                   "rss_anon_bytes", Panels("block_bytes"), kSinceStart)},
    .table = view("RSS anon since the start, after malloc_trim(0)", "rss_anon_bytes", In("trim"),
                  Over("block_bytes"), kSinceStart),
    .claims = {"trim-preload"},
    .needs = memory_of<"burst_bytes", 2>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(release_calls);

}  // namespace
}  // namespace lab
