// Claims about when freed memory goes back to the kernel.
#include "harness/claim/catalogue/evidence.h"

namespace lab::claims {
namespace {

// What of a burst is resident at the end of a phase of delayed_return.
struct Left {
  std::int64_t burst_bytes;
  std::int64_t bytes;
};

std::optional<Left> left_after(const RunView& run, std::string_view phase) {
  const auto burst = run.since_start("burst", "rss_anon_bytes");
  const auto left = run.since_start(phase, "rss_anon_bytes");
  if (!burst || !left || *burst <= 0) return std::nullopt;
  return Left{*burst, *left};
}

// Scattered survivors hold about a fifth of the burst's pages themselves.
std::int64_t most_that_counts_as_returned(const RunView& run, std::int64_t burst_bytes) {
  return run.param("freed_percent") == "100" ? burst_bytes / 10 : burst_bytes / 2;
}

Finding stays_for_a_while(Evidence evidence) {
  bool stays = false;
  std::string measured;
  for (const RunView* run : evidence) {
    const auto soon = left_after(*run, "watch_4");
    const auto late = left_after(*run, "watch_8");
    if (!run->ok() || !soon || !late) continue;
    stays = stays || soon->bytes > most_that_counts_as_returned(*run, soon->burst_bytes);
    measured += (measured.empty() ? "" : ", ") + std::string(run->param("freed_percent")) +
                " % freed, " + std::string(run->param("wait")) + ": " +
                percent(soon->bytes, soon->burst_bytes) + " left, then " +
                percent(late->bytes, late->burst_bytes);
  }
  if (measured.empty()) return missing("needs delayed_return");
  return {verdict_of(stays), measured, "more than survivors hold, a sixteenth into the watch",
          stays ? "" : "free gave everything back at once"};
}

constexpr Predicate kDeleteLate[] = {
    {"stays", "freed memory is still resident after the first watches", "delayed_return", "",
     "10 % of the burst", stays_for_a_while},
};
constexpr Claim delete_late{
    .id = "delete-late",
    .subject = "return to the kernel",
    .sentence = "After delete the memory may stay with the process for a while",
    .said_in = "Linux memory notes",
    .versions = "any",
    .allocators = "all",
    .predicates = kDeleteLate,
};
LAB_REGISTER_CLAIM(delete_late);

constexpr std::int64_t kDecayMs = 10'000;

Finding gone_after_the_decay(Evidence evidence) {
  const RunView* run = find_run(evidence);
  if (!run) return missing("needs delayed_return");
  const auto watched = number_from(run->param("watch_ms"));
  const auto at_once = left_after(*run, "free");
  const auto half = left_after(*run, "watch_7");
  const auto late = left_after(*run, "watch_8");
  if (!watched || !at_once || !half || !late) return missing("RSS anon was not measured");
  if (*watched <= kDecayMs) return missing("the watch is not longer than 10 s");
  const bool gone = late->bytes * 10 <= late->burst_bytes;
  return {verdict_of(gone),
          percent(at_once->bytes, at_once->burst_bytes) + " left after free, " +
              percent(half->bytes, half->burst_bytes) + " after " +
              std::to_string(*watched / 2000) + " s, " + percent(late->bytes, late->burst_bytes) +
              " after " + std::to_string(*watched / 1000) + " s",
          "at most 10 % after 10 s",
          gone ? "" : "nothing purges while the program does not call the allocator"};
}

constexpr Predicate kFreesFollowDecay[] = {
    {"ticking", "while the program keeps calling malloc", "delayed_return",
     "freed_percent=100 wait=tick watch_ms=12800", "10 % of the burst", gone_after_the_decay},
    {"idle", "while the program sleeps", "delayed_return",
     "freed_percent=100 wait=idle watch_ms=12800", "10 % of the burst", gone_after_the_decay},
};
constexpr Claim frees_follow_decay{
    .id = "frees-follow-decay",
    .subject = "return to the kernel",
    .sentence = "jemalloc returns memory 10 s after it is freed",
    .said_in = "jemalloc TUNING.md",
    .versions = "jemalloc 5 and later",
    .allocators = "jemalloc",
    .predicates = kFreesFollowDecay,
};
LAB_REGISTER_CLAIM(frees_follow_decay);

Finding trim_returns(Evidence evidence) {
  const RunView* run = find_run(evidence);
  if (!run) return missing("needs release_calls");
  const auto burst = run->since_start("burst", "rss_anon_bytes");
  const auto freed = run->since_start("free", "rss_anon_bytes");
  const auto trimmed = run->since_start("trim", "rss_anon_bytes");
  const auto released = run->since_start("release", "rss_anon_bytes");
  if (!burst || !freed || !trimmed || !released) return missing("RSS anon was not measured");
  const std::int64_t by_trim = *freed - *trimmed;
  const std::int64_t by_own = *trimmed - *released;
  const std::string measured = "malloc_trim returned " + mib(by_trim) +
                               ", the allocator's own call then " + mib(by_own) + " of " +
                               mib(*freed);
  const std::string expected = "malloc_trim returns at least as much as is left for the own call";
  if ((by_trim + by_own) * 10 < *burst)
    return {Verdict::not_applicable, measured, expected, "there was nothing left to return"};
  const bool trims = by_trim >= by_own;
  return {verdict_of(trims), measured, expected,
          trims ? "" : "malloc_trim is libc's and knows libc's heap only"};
}

constexpr Predicate kTrimPreload[] = {
    {"trim", "malloc_trim(0) returns what the allocator could return", "release_calls",
     "block_bytes=1KiB", "half", trim_returns},
};
constexpr Claim trim_preload{
    .id = "trim-preload",
    .subject = "return to the kernel",
    .sentence = "malloc_trim returns memory whatever allocator is preloaded",
    .said_in = "folklore",
    .versions = "any",
    .allocators = "all",
    .predicates = kTrimPreload,
};
LAB_REGISTER_CLAIM(trim_preload);

}  // namespace
}  // namespace lab::claims
