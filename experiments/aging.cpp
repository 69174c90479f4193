// Question: does memory keep growing when a program with constant live bytes runs on and on?
// Method:   a set of long-lived blocks is replaced slowly while short-lived ones come and go; live
//           bytes stay constant; many equal phases.
// Ideal:    the footprint of every phase is that of the first: slope zero.
// Watch:    the slope (bytes per phase) needs the phases after the first few; early growth is the
//           allocator settling.
#include "experiments/workload/churn.h"
#include "experiments/workload/describe.h"

namespace lab {
namespace {

// Many short-lived blocks between each replacement of long-lived ones, as between two requests.
void age(Churn& long_lived, Churn& short_lived, const SizeDistribution& sizes,
         std::int64_t live_bytes) {
  for (int request = 0; request < 16; ++request) {
    short_lived.fill(sizes);
    long_lived.turn_over(sizes, live_bytes / 32);
    short_lived.drop_all();
  }
}

void run(Context& lab) {
  const std::int64_t target_bytes = lab.param("live_bytes");
  const std::int64_t periods = lab.param("periods");
  const SizeDistribution sizes = SizeDistribution::named(lab.text("sizes"));
  Churn long_lived(lab, target_bytes);
  Churn short_lived(lab, target_bytes / 8);

  lab.mark("fill");
  long_lived.fill(sizes);
  long_lived.report(lab);
  for (std::int64_t period = 0; period < periods; ++period) {
    lab.mark("age");
    age(long_lived, short_lived, sizes, target_bytes);
    short_lived.report(lab);
    long_lived.report(lab);  // last: the short-lived blocks are gone, these are what is live
    lab.statistics();
  }
  lab.mark("free");
  long_lived.drop_all();
  long_lived.report(lab);
}

// With blocks of one size the sums come out even. Each of the 16 requests makes an eighth of the
// live bytes in short-lived blocks and a thirty-second in long-lived ones.
std::int64_t filled_blocks(const Point& point, std::int64_t) {
  return point.is("sizes", "fixed_1KiB") ? point.number("live_bytes") / 1024 : kNoIdeal;
}
std::int64_t aged_blocks(const Point& point, std::int64_t) {
  const std::int64_t live_blocks = filled_blocks(point, 0);
  return live_blocks == kNoIdeal ? kNoIdeal : 16 * (live_blocks / 8 + live_blocks / 32);
}
std::int64_t live_when_even(const Point& point, std::int64_t) {
  return point.is("sizes", "fixed_1KiB") ? point.number("live_bytes") : kNoIdeal;
}

constexpr Description aging{
    .name = "aging",
    .family = "fragmentation",
    .question = "Does memory keep growing when a program with constant live bytes runs on and on?",
    .method =
        "Long-lived blocks are replaced slowly while short-lived ones come and go; live bytes "
        "stay constant over many equal phases.",
    .params = {{"sizes", "token", "where the sizes come from", "fixed_1KiB git",
                "fixed_1KiB git python", "fixed_1KiB uniform power_law git python sqlite"},
               {"live_bytes", "byte", "long-lived bytes at all times", "256KiB", "4MiB", "64MiB"},
               {"periods", "count", "equal phases of aging", "4", "16", "64"}},
    .phases = {"fill", "age", "free"},
    .ideals = {{"fill", "rss_anon_bytes", param<"live_bytes">},
               {"age", "rss_anon_bytes", param<"live_bytes">},
               {"free", "rss_anon_bytes", nothing},
               {"fill", "allocations_count", filled_blocks, kExact},
               {"age", "allocations_count", aged_blocks, kExact},
               {"age", "frees_count", aged_blocks, kExact},
               {"age", "live_bytes", live_when_even, kExact},
               {"free", "live_bytes", nothing, kExact}},
    .plots = {view("A long-running program with constant live bytes settles, or keeps growing",
                   "rss_anon_bytes", Panels("sizes"), kSinceStart)},
    .table = view("RSS anon since the start, after the last phase of aging", "rss_anon_bytes",
                  In("age"), Over("sizes"), kSinceStart),
    .needs = memory_of<"live_bytes", 8>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(aging);

}  // namespace
}  // namespace lab
