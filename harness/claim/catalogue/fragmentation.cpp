// Claims about memory that is free and yet held.
#include "harness/claim/catalogue/rounds.h"

namespace lab::claims {
namespace {

Finding holes_look_like_a_leak(const Runs& runs) {
  const auto leaked = runs.grown("cause=leak", "check", "rss_anon_bytes");
  const auto held = runs.grown("cause=hole", "check", "rss_anon_bytes");
  return expect(held * 10 >= leaked * 8, "holes hold " + mib(held) + ", the leak " + mib(leaked),
                "holes hold at least 80 % of what the leak does",
                "this allocator gives the pages of such holes to other blocks or back");
}

Finding live_bytes_tell_them_apart(const Runs& runs) {
  const RunView& leak = first_run(runs, "cause=leak");
  const RunView& hole = first_run(runs, "cause=hole");
  const auto leaked = value_in(leak, "grow", "live_bytes", leak.occurrences("grow") - 1);
  const auto held = value_in(hole, "grow", "live_bytes", hole.occurrences("grow") - 1);
  return expect(held * 10 <= leaked,
                "live bytes: " + mib(held) + " with holes, " + mib(leaked) + " with the leak",
                "with holes at most a tenth", "the program itself holds as much");
}

// Returns what the leak checker said at the end. Only its own runs have that number.
std::int64_t leak_reports(const Runs& runs, std::string_view where) {
  std::string_view reason;
  for (const RunView* run : runs.all(where)) {
    if (const auto reports = run->value("check", "leak_reports_count")) return *reports;
    if (!run->ok()) reason = run->reason();
  }
  throw Missing{Verdict::not_testable,
                "no leak checker could be asked" + (reason.empty() ? "" : ": " + std::string(reason))};
}

Finding checkers_do_not_see_holes(const Runs& runs) {
  const auto leak = leak_reports(runs, "cause=leak");
  const auto hole = leak_reports(runs, "cause=hole");
  if (leak == 0) throw Missing{Verdict::not_testable, "the leak checker does not even see the leak"};
  return expect(hole == 0,
                std::string("the leak is reported, the holes are ") + (hole == 0 ? "not" : "too"),
                "a report of the leak and none of the holes", "the checker reports holes");
}

constexpr Predicate kLeakVsHole[] = {
    {"looks-alike", "pinned holes make RSS grow as a leak does", "leak_vs_hole", "cause=leak,hole",
     "80 %", judged<holes_look_like_a_leak>},
    {"live-bytes", "live bytes tell the two apart", "leak_vs_hole", "cause=leak,hole", "a tenth",
     judged<live_bytes_tell_them_apart>},
    {"checker", "a leak checker sees the leak and not the holes", "leak_vs_hole", "cause=leak,hole",
     "exact", judged<checkers_do_not_see_holes>, "lsan"},
};
constexpr Claim leak_vs_hole{
    "leak-vs-hole",
    "fragmentation",
    "Memory held by heap fragmentation looks like a leak, and leak checkers do not see it.",
    "the notes",
    "any",
    "all",
    kLeakVsHole};
LAB_REGISTER_CLAIM(leak_vs_hole);

Finding halving_blows_up(const Runs& runs) {
  const RunView& run = first_run(runs, "");
  const auto live = number_of(run, "live_bytes");
  const int doublings = run.occurrences("double");
  const auto peak = highest(run, "double", 0, doublings);
  if (doublings < 4 || live <= 0)
    throw Missing{Verdict::not_testable, "needs halving_survivors with four doublings or more"};
  return expect(peak * 4 >= live * doublings,
                "footprint " + factor(static_cast<double>(peak) / static_cast<double>(live)) +
                    " times the live bytes after " + std::to_string(doublings) + " doublings",
                "at least a quarter of the doublings", "the holes were used after all");
}

// In how many of the steps from one size to the next the footprint grew by half of what the first
// size took, or more: memory that no other size had left.
int sizes_with_memory_of_their_own(const RunView& run, int sizes) {
  const auto first = grown_in(run, "next_size", "rss_anon_bytes");
  int count = 0;
  for (int size = 1; size < sizes; ++size)
    count += 2 * (grown_in(run, "next_size", "rss_anon_bytes", size) -
                  grown_in(run, "next_size", "rss_anon_bytes", size - 1)) >= first;
  return count;
}

Finding survivors_of_each_size_blow_up(const Runs& runs) {
  const RunView& run = first_run(runs, "");
  const int sizes = run.occurrences("next_size");
  const auto first = grown_in(run, "next_size", "rss_anon_bytes");
  const auto last = grown_in(run, "next_size", "rss_anon_bytes", sizes - 1);
  const auto live = value_in(run, "next_size", "live_bytes", sizes - 1);
  const bool blown_up = last > 2 * (first + live);
  if (!blown_up && 2 * sizes_with_memory_of_their_own(run, sizes) < sizes - 1)
    not_applicable("one size uses what another left");
  return expect(blown_up, "footprint " + mib(last) + " for " + mib(live) + " live bytes",
                "more than twice one size's footprint and the live bytes",
                "each size takes memory of its own, but not that much");
}

constexpr Predicate kFirstFitWorst[] = {
    {"halving", "doubling sizes and keeping what blocks every hole blows the heap up",
     "halving_survivors", "", "a quarter of log2 of the size range", judged<halving_blows_up>},
    {"span", "one survivor in each span of each size blows up allocators that keep sizes apart",
     "one_per_span", "", "twice", judged<survivors_of_each_size_blow_up>},
};
constexpr Claim first_fit_worst{"first-fit-worst",
                                "fragmentation",
                                "An adversary can force a blow-up by a logarithmic factor.",
                                "Robson 1971; Wilson et al. 1995",
                                "any",
                                "all",
                                kFirstFitWorst};
LAB_REGISTER_CLAIM(first_fit_worst);

}  // namespace
}  // namespace lab::claims
