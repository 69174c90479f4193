// Claims about pools that a program owns.
#include "harness/claim/catalogue/evidence.h"

namespace lab::claims {
namespace {

// Compares `metric` of the pool sources with that of malloc, in runs of the same point.
struct Comparison {
  std::int64_t plain = 0;
  std::int64_t monotonic = 0;
  std::int64_t pool = 0;

  std::string words(std::string_view unit) const {
    return std::to_string(monotonic) + " (monotonic) and " + std::to_string(pool) +
           " (pool) against " + std::to_string(plain) + ' ' + std::string(unit);
  }
  std::int64_t worse() const { return std::max(monotonic, pool); }
};

template <class Measure>
std::optional<Comparison> compare(Evidence evidence, Measure measure) {
  std::optional<std::int64_t> values[3];
  constexpr std::string_view kSources[] = {"malloc", "monotonic", "pool"};
  for (int i = 0; i < 3; ++i) {
    const RunView* run = find_run(evidence, Where{"source", kSources[i]});
    if (run != nullptr) values[i] = measure(*run);
    if (!values[i]) return std::nullopt;
  }
  return Comparison{*values[0], *values[1], *values[2]};
}

Finding fewer_calls(Evidence evidence) {
  const auto found =
      compare(evidence, [](const RunView& run) { return run.value("serve", "allocations_count"); });
  if (!found) return missing("needs pools with source=malloc, monotonic and pool");
  return {verdict_of(found->worse() * 5 <= found->plain), found->words("allocations"),
          "at most a fifth of malloc's"};
}

Finding fewer_faults(Evidence evidence) {
  const auto found = compare(
      evidence, [](const RunView& run) { return run.value("serve", "minor_faults_count"); });
  if (!found) return missing("needs pools with source=malloc, monotonic and pool");
  const bool fewer = found->worse() <= found->plain + 16;
  return {verdict_of(fewer), found->words("page faults"), "no more than malloc's + 16",
          fewer ? "" : "the pool's large chunks are returned and taken anew at every request"};
}

Finding less_memory(Evidence evidence) {
  const auto found = compare(
      evidence, [](const RunView& run) { return run.since_start("serve", "rss_anon_bytes"); });
  if (!found) return missing("needs pools with source=malloc, monotonic and pool");
  const bool less = found->worse() <= found->plain + found->plain / 10;
  return {verdict_of(less), found->words("bytes resident"), "no more than malloc's + 10 %",
          less ? "" : "the pool rounds sizes and chunks up, and frees nothing before its end"};
}

constexpr std::string_view kPoints = "source=malloc,monotonic,pool early_percent=50";
constexpr Predicate kPoolHelps[] = {
    {"calls", "a pool asks the allocator less often", "pools", kPoints, "a fifth", fewer_calls},
    {"faults", "a pool takes no more page faults", "pools", kPoints, "+ 16 faults", fewer_faults},
    {"memory", "a pool holds no more memory", "pools", kPoints, "+ 10 %", less_memory},
};
constexpr Claim pool_helps{
    .id = "pool-helps",
    .subject = "pools",
    .sentence = "Allocating from a pool the process owns reduces fragmentation and cost",
    .said_in = "Linux memory notes",
    .versions = "any",
    .allocators = "all",
    .predicates = kPoolHelps,
};
LAB_REGISTER_CLAIM(pool_helps);

}  // namespace
}  // namespace lab::claims
