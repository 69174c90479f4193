// Claims about memory that is free and yet held.
#include "harness/claim/catalogue/evidence.h"

namespace lab::claims {
namespace {

constexpr Where kLeak{"cause", "leak"};
constexpr Where kHole{"cause", "hole"};

Finding holes_look_like_a_leak(Evidence evidence) {
  const RunView* leak = find_run(evidence, kLeak);
  const RunView* hole = find_run(evidence, kHole);
  if (!leak || !hole) return missing("needs leak_vs_hole with cause=leak and cause=hole");
  const auto leaked = leak->since_start("check", "rss_anon_bytes");
  const auto held = hole->since_start("check", "rss_anon_bytes");
  if (!leaked || !held || *leaked <= 0) return missing("RSS anon was not measured");
  const bool alike = *held * 10 >= *leaked * 8;
  return {verdict_of(alike), "holes hold " + mib(*held) + ", the leak " + mib(*leaked),
          "at least 80 % of the leak's growth",
          alike ? "" : "this allocator gives the pages of such holes to other blocks or back"};
}

Finding live_bytes_tell_them_apart(Evidence evidence) {
  const RunView* leak = find_run(evidence, kLeak);
  const RunView* hole = find_run(evidence, kHole);
  if (!leak || !hole) return missing("needs leak_vs_hole with cause=leak and cause=hole");
  const auto leaked = leak->value("grow", "live_bytes", leak->occurrences("grow") - 1);
  const auto held = hole->value("grow", "live_bytes", hole->occurrences("grow") - 1);
  if (!leaked || !held || *leaked <= 0) return missing("live bytes were not declared");
  return {verdict_of(*held * 10 <= *leaked),
          "live bytes " + mib(*held) + " with holes, " + mib(*leaked) + " with the leak",
          "with holes at most a tenth of the leak's"};
}

constexpr Predicate kLeakVsHole[] = {
    {"looks-alike", "pinned holes make RSS grow as a leak does", "leak_vs_hole", "cause=leak,hole",
     "80 %", holes_look_like_a_leak},
    {"live-bytes", "live bytes tell the two apart", "leak_vs_hole", "cause=leak,hole", "a tenth",
     live_bytes_tell_them_apart},
};
constexpr Claim leak_vs_hole{
    .id = "leak-vs-hole",
    .subject = "fragmentation",
    .sentence = "Memory held by heap fragmentation looks like a leak, and only live bytes tell",
    .said_in = "Linux memory notes",
    .versions = "any",
    .allocators = "all",
    .predicates = kLeakVsHole,
};
LAB_REGISTER_CLAIM(leak_vs_hole);

int log2_of(std::int64_t value) {
  int result = 0;
  for (; value > 1; value /= 2) ++result;
  return result;
}

constexpr std::int64_t kSmallestBytes = 64;  // of halving_survivors

Finding halving_blows_up(Evidence evidence) {
  const RunView* run = find_run(evidence);
  if (!run) return missing("needs halving_survivors");
  const auto live = number_from(run->param("live_bytes"));
  const auto largest = number_from(run->param("largest_bytes"));
  std::int64_t peak = 0;
  for (int step = 0; step < run->occurrences("double"); ++step)
    peak = std::max(peak, run->since_start("double", "rss_anon_bytes", step).value_or(0));
  if (!live || !largest || peak == 0) return missing("RSS anon was not measured");
  const int doublings = log2_of(*largest / kSmallestBytes);
  return {verdict_of(peak * 4 >= *live * doublings),
          "footprint " + ratio(peak, *live) + " times the live bytes after " +
              std::to_string(doublings) + " doublings",
          "at least a quarter of the doublings"};
}

Finding survivors_of_each_size_blow_up(Evidence evidence) {
  const RunView* run = find_run(evidence);
  if (!run) return missing("needs one_per_span");
  const int sizes = run->occurrences("next_size");
  const auto first = run->since_start("next_size", "rss_anon_bytes", 0);
  const auto last = run->since_start("next_size", "rss_anon_bytes", sizes - 1);
  const auto live = run->value("next_size", "live_bytes", sizes - 1);
  if (!first || !last || !live || *first <= 0) return missing("RSS anon was not measured");
  const std::string measured = "footprint " + mib(*last) + " for " + mib(*live) + " live";
  const std::string expected = "more than twice one size's footprint and the live bytes";
  if (*last <= 2 * (*first + *live))
    return {Verdict::not_applicable, measured, expected,
            "this allocator lets one size use what another left"};
  return {Verdict::confirmed, measured, expected};
}

constexpr Predicate kFirstFitWorst[] = {
    {"halving", "doubling the sizes and keeping what no hole can do without blows the heap up",
     "halving_survivors", "", "a quarter of log2 of the size range", halving_blows_up},
    {"span", "one survivor in each span of each size blows up allocators that keep sizes apart",
     "one_per_span", "", "twice", survivors_of_each_size_blow_up},
};
constexpr Claim first_fit_worst{
    .id = "first-fit-worst",
    .subject = "fragmentation",
    .sentence = "An adversary can force a blow-up by a logarithmic factor",
    .said_in = "Robson 1971; Wilson et al. 1995",
    .versions = "any",
    .allocators = "all",
    .predicates = kFirstFitWorst,
};
LAB_REGISTER_CLAIM(first_fit_worst);

}  // namespace
}  // namespace lab::claims
