// Question: how much memory does churn at constant live bytes cost on top of what is live?
// Method:   fill to a target, then replace random blocks by new ones of the same distribution, four
//           times the live bytes a round; free all; release.
// Ideal:    the footprint is the live bytes, in every round; nothing after free.
// Watch:    block bytes - live bytes is internal fragmentation; footprint - block bytes is external
//           fragmentation and retention, told apart by the allocator's own statistics.
#include "experiments/workload/churn.h"
#include "experiments/workload/describe.h"

namespace lab {
namespace {

constexpr int kRounds = 4;

std::int64_t live_bytes(const Point& point, std::int64_t) { return point.number("live_bytes"); }

void finish_phase(Context& lab, Churn& churn) {
  churn.report(lab);
  lab.observe("held_block_bytes", churn.live().block_bytes());
  lab.statistics();
}

void run(Context& lab) {
  const std::int64_t target_bytes = lab.param("live_bytes");
  const SizeDistribution sizes = SizeDistribution::named(lab.text("sizes"));
  Churn churn(lab, target_bytes);

  lab.mark("fill");
  churn.fill(sizes);
  finish_phase(lab, churn);
  for (int round = 0; round < kRounds; ++round) {
    lab.mark("churn");
    churn.turn_over(sizes, 4 * target_bytes);
    finish_phase(lab, churn);
  }
  lab.mark("free");
  churn.drop_all();
  finish_phase(lab, churn);
  lab.mark("release");
  lab.release_free_memory();
  lab.statistics();
}

constexpr Description churn{
    .name = "churn",
    .family = "fragmentation",
    .question = "How much memory does churn at constant live bytes cost on top of what is live?",
    .method =
        "Fill to a target, replace random blocks by new ones of the same size distribution, "
        "four times the live bytes a round; free all; release.",
    .params = {{"sizes", "token", "where the sizes come from", "uniform",
                "uniform power_law git python sqlite"},
               {"live_bytes", "byte", "live bytes at all times", "256KiB", "8MiB", "8MiB 64MiB"}},
    .phases = {"fill", "churn", "free", "release"},
    .metrics = {observed("held_block_bytes", "byte",
                         "what the allocator set aside for the live blocks", Better::lower)},
    .ideals = {{"fill", "rss_anon_bytes", live_bytes},
               {"churn", "rss_anon_bytes", live_bytes},
               {"free", "rss_anon_bytes", nothing},
               {"release", "rss_anon_bytes", nothing},
               {"free", "live_bytes", nothing, kExact},
               {"free", "held_block_bytes", nothing, kExact}},
    .plots = {view("What churn at constant live bytes does to the footprint, round by round",
                   "rss_anon_bytes", Panels("sizes"), kSinceStart),
              view("Internal fragmentation: what the allocator set aside for the same live bytes",
                   "held_block_bytes", In("churn"), Over("sizes"))},
    .table = view("RSS anon since the start, after churn", "rss_anon_bytes", In("churn"),
                  Over("sizes"), kSinceStart),
    .needs = memory_of<"live_bytes", 8>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(churn);

}  // namespace
}  // namespace lab
