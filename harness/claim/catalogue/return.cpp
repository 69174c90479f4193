// Claims about when freed memory goes back to the kernel.
#include "harness/claim/catalogue/rounds.h"

namespace lab::claims {
namespace {

// How much of a freed burst is resident at the end of a phase of delayed_return.
struct Left {
  std::int64_t burst_bytes;
  std::int64_t bytes;

  std::string words() const { return percent(bytes, burst_bytes); }
};

Left left_after(const RunView& run, std::string_view phase) {
  const Left left{grown_in(run, "burst", "rss_anon_bytes"), grown_in(run, phase, "rss_anon_bytes")};
  if (left.burst_bytes <= 0) throw Missing{Verdict::not_testable, "the burst was not resident"};
  return left;
}

// Scattered survivors hold about a fifth of the burst's pages themselves.
bool still_there(const RunView& run, Left left) {
  return run.param("freed_percent") == "100" ? left.bytes * 10 > left.burst_bytes
                                             : left.bytes * 2 > left.burst_bytes;
}

Finding stays_for_a_while(const Runs& runs) {
  bool stays = false;
  std::string measured;
  for (const std::string_view where : {"freed_percent=100 wait=idle", "freed_percent=100 wait=tick",
                                       "freed_percent=95 wait=idle", "freed_percent=95 wait=tick"})
    for (const RunView* run : runs.all(where)) {
      if (!run->ok()) continue;
      const Left soon = left_after(*run, "watch_4");
      stays = stays || still_there(*run, soon);
      measured += (measured.empty() ? "" : ", ") + std::string(run->param("freed_percent")) +
                  " % freed, " + std::string(run->param("wait")) + ": " + soon.words() + " then " +
                  left_after(*run, "watch_8").words() + " left";
    }
  if (measured.empty()) throw Missing{Verdict::not_testable, "no run of delayed_return ended well"};
  return expect(stays, measured, "more than survivors hold after a sixteenth of the watch",
                "free gave it back at once");
}

constexpr Predicate kDeleteLate[] = {
    {"stays", "freed memory is still resident some time after", "delayed_return",
     "watch_ms=12800 freed_percent=100,95 wait=idle,tick", "10 % of the burst beyond survivors",
     judged<stays_for_a_while>},
};
constexpr Claim delete_late{"delete-late",
                            "return to the kernel",
                            "After delete the memory may stay with the process for a while.",
                            "the notes",
                            "any",
                            "all",
                            kDeleteLate};
LAB_REGISTER_CLAIM(delete_late);

constexpr std::int64_t kDecayMs = 10'000;

Finding gone_after_the_decay(const Runs& runs) {
  const RunView& run = first_run(runs, "");
  const auto watched_ms = number_of(run, "watch_ms");
  if (watched_ms <= kDecayMs) throw Missing{Verdict::not_testable, "the watch is not above 10 s"};
  const Left late = left_after(run, "watch_8");
  return expect(late.bytes * 10 <= late.burst_bytes,
                left_after(run, "free").words() + " left after free, " +
                    left_after(run, "watch_7").words() + " after " +
                    std::to_string(watched_ms / 2000) + " s, " + late.words() + " after " +
                    std::to_string(watched_ms / 1000) + " s",
                "at most 10 % left",
                "it looks at the clock only when a call gets past the thread cache");
}

constexpr Predicate kFreesFollowDecay[] = {
    {"busy", "while the program makes 64 requests of random sizes every millisecond", "delayed_return",
     "freed_percent=100 wait=busy watch_ms=12800", "10 % of the burst",
     judged<gone_after_the_decay>},
    {"ticking", "while the program makes one small request every millisecond", "delayed_return",
     "freed_percent=100 wait=tick watch_ms=12800", "10 % of the burst",
     judged<gone_after_the_decay>},
    {"idle", "while the program sleeps", "delayed_return",
     "freed_percent=100 wait=idle watch_ms=12800", "10 % of the burst",
     judged<gone_after_the_decay>},
};
constexpr Claim frees_follow_decay{
    "frees-follow-decay", "return to the kernel", "jemalloc returns memory 10 s after it is freed.",
    "jemalloc TUNING.md", "jemalloc 5 and later", "jemalloc",
    kFreesFollowDecay};
LAB_REGISTER_CLAIM(frees_follow_decay);

Finding trim_returns(const Runs& runs) {
  const auto burst = runs.grown("", "burst", "rss_anon_bytes");
  const auto by_trim = -runs.change("", "free", "trim", "rss_anon_bytes");
  const auto by_own = -runs.change("", "trim", "release", "rss_anon_bytes");
  if ((by_trim + by_own) * 10 < burst) not_applicable("free left nothing that could be returned");
  return expect(
      by_trim >= by_own,
      "malloc_trim returned " + mib(by_trim) + ", the allocator's own call then " + mib(by_own),
      "malloc_trim returns the larger part", "malloc_trim knows libc's own heap only");
}

constexpr Predicate kTrimPreload[] = {
    {"trim", "malloc_trim(0) returns most of what can be returned", "release_calls",
     "block_bytes=1KiB", "half", judged<trim_returns>},
};
constexpr Claim trim_preload{"trim-preload",
                             "return to the kernel",
                             "malloc_trim returns memory whatever allocator is preloaded.",
                             "folklore",
                             "any",
                             "all",
                             kTrimPreload};
LAB_REGISTER_CLAIM(trim_preload);

}  // namespace
}  // namespace lab::claims
