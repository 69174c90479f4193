// Claims about what threads cost an allocator in memory.
#include "harness/claim/catalogue/rounds.h"

namespace lab::claims {
namespace {

Finding one_heap_without_contention(const Runs& runs) {
  const auto heaps = runs.value("", "first_call", "heaps_count");
  return expect(heaps <= 1, count(heaps, "heap") + " after one call of each thread", "1 heap",
                "a thread's first call gets it an arena of its own, contention or not");
}

constexpr Predicate kArenaContention[] = {
    {"living", "threads that call malloc once, one after the other, share an arena", "idle_threads",
     "threads=16 first_calls=one_by_one arena_max_count=absent", "exact",
     judged<one_heap_without_contention>},
    {"ended", "threads that each end before the next one starts share an arena", "idle_threads",
     "threads=16 first_calls=in_succession arena_max_count=absent", "exact",
     judged<one_heap_without_contention>},
};
constexpr Claim arena_contention{
    "arena-contention", "threads", "glibc makes a new arena only when threads contend.",
    "malloc(3)",        "any",     "glibc",
    kArenaContention};
LAB_REGISTER_CLAIM(arena_contention);

constexpr std::int64_t kArenaBytes = 64 << 20;

// What each thread of idle_threads added to a gauge by its first call.
std::int64_t per_thread(const Runs& runs, std::string_view metric) {
  const auto threads = number_of(first_run(runs, ""), "threads");
  if (threads <= 0) throw Missing{Verdict::not_testable, "the run had no threads"};
  return runs.change("", "start", "first_call", metric) / threads;
}

Finding addresses_per_arena(const Runs& runs) {
  const auto bytes = per_thread(runs, "vsz_bytes");
  return expect(bytes * 10 >= kArenaBytes * 9 && bytes * 10 <= kArenaBytes * 11,
                mib(bytes) + " of addresses a thread", "64 MiB", "arenas reserve another size");
}

Finding memory_per_arena(const Runs& runs) {
  const auto bytes = per_thread(runs, "rss_anon_bytes");
  return expect(bytes * 2 >= kArenaBytes, mib(bytes) + " of memory a thread",
                "half of 64 MiB or more", "an arena is addresses; its pages come when written");
}

constexpr std::string_view kFourThreads = "threads=4 first_calls=one_by_one arena_max_count=absent";
constexpr Predicate kArena64m[] = {
    {"addresses", "an arena reserves 64 MiB of addresses", "idle_threads", kFourThreads, "10 %",
     judged<addresses_per_arena>},
    {"memory", "an arena costs 64 MiB of memory", "idle_threads", kFourThreads, "half",
     judged<memory_per_arena>},
};
constexpr Claim arena_64m{"arena-64m", "threads",      "Each thread arena costs 64 MiB of memory.",
                          "blogs",     "64-bit glibc", "glibc",
                          kArena64m};
LAB_REGISTER_CLAIM(arena_64m);

std::int64_t after_the_bursts(const Runs& runs, std::string_view where) {
  const RunView& run = first_run(runs, where);
  return grown_in(run, "burst", "rss_anon_bytes", run.occurrences("burst") - 1);
}

Finding two_arenas_hold_less(const Runs& runs) {
  const auto many = after_the_bursts(runs, "arena_max_count=absent");
  const auto two = after_the_bursts(runs, "arena_max_count=2");
  return expect(two * 10 <= many * 9,
                mib(two) + " with two arenas, " + mib(many) + " without a limit",
                "at least 10 % less", "blocks of this size are mapped and belong to no arena");
}

constexpr Predicate kArenaMaxHelps[] = {
    {"below", "with blocks below the mmap threshold", "arena_limit",
     "block_bytes=1KiB arena_max_count=absent,2 mmap_threshold_bytes=absent", "10 %",
     judged<two_arenas_hold_less>},
    {"above", "with blocks above the mmap threshold", "arena_limit",
     "block_bytes=256KiB arena_max_count=absent,2 mmap_threshold_bytes=128KiB", "10 %",
     judged<two_arenas_hold_less>},
};
constexpr Claim arena_max_helps{"arena-max-helps", "threads", "MALLOC_ARENA_MAX=2 lowers RSS.",
                                "blogs",           "any",     "glibc",
                                kArenaMaxHelps};
LAB_REGISTER_CLAIM(arena_max_helps);

Finding footprint_stays_at_the_first(const Runs& runs) {
  const RunView& run = first_run(runs, "");
  const auto first = highest(run, "produce", 0, 1);
  const auto most = highest(run, "produce", 0, run.occurrences("produce"));
  return expect(most * 4 <= first * 5,
                "from " + mib(first) + " to " + mib(most) + " at the same live bytes",
                "at most a quarter more than the first round",
                "what a thread freed is not there for the next thread that allocates");
}

Finding second_lap_adds_nothing(const Runs& runs) {
  const RunView& run = first_run(runs, "");
  const int rounds = run.occurrences("produce");
  const auto first_lap = highest(run, "produce", 0, rounds / 2);
  const auto second_lap = highest(run, "produce", rounds / 2, rounds);
  return expect(second_lap * 10 <= first_lap * 11,
                mib(first_lap) + " in the first lap, " + mib(second_lap) + " in the second",
                "at most 10 % more once every thread had its turn", "it keeps growing");
}

constexpr Predicate kBlowupBounded[] = {
    {"flat", "the footprint stays what the first round took", "handed_rounds", "turns=one_by_one",
     "a quarter", judged<footprint_stays_at_the_first>},
    {"bounded", "once every thread had its turn nothing more is added", "handed_rounds",
     "turns=one_by_one", "10 %", judged<second_lap_adds_nothing>},
};
constexpr Claim blowup_bounded{"blowup-bounded",
                               "threads",
                               "Moving the same live bytes between threads does not grow memory.",
                               "Berger et al., Hoard 2000",
                               "any",
                               "all",
                               kBlowupBounded};
LAB_REGISTER_CLAIM(blowup_bounded);

}  // namespace
}  // namespace lab::claims
