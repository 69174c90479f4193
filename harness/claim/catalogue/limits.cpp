// Claims about what happens when memory is short.
#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

// The only run that fits; ends the judge where there is none that came to its phases.
const RunView& run_of(const Runs& runs, std::string_view where) {
  const auto all = runs.all(where);
  if (all.empty()) throw Missing{Verdict::not_testable, "nothing was run under a memory limit"};
  if (all.front()->status() == "skipped")
    throw Missing{Verdict::not_testable, std::string(all.front()->reason())};
  return *all.front();
}

Finding cache_goes_first(const Runs& runs) {
  const RunView& run = run_of(runs, "");
  const auto before = runs.value("", "read_file", "cached_pages_count");
  if (!run.ok())
    return expect(false, "the run ended as " + std::string(run.status()), "no kill",
                  "it was killed although there was cache to drop");
  const auto after = runs.value("", "write_anonymous", "cached_pages_count");
  return expect(after < before,
                count(before, "page") + " of the file cached before, " + std::to_string(after) +
                    " after, and no kill",
                "the cache shrinks and nothing is killed", "the cache was kept");
}

// The kernel's own count of direct scans leaves out reclaim inside a cgroup: judged by what is gone
// although no background thread worked.
Finding reclaimed_directly(const Runs& runs) {
  const auto dropped = -runs.change("", "read_file", "write_anonymous", "cached_pages_count");
  const auto counted = runs.value("", "write_anonymous", "system_pgscan_direct_count");
  const auto background = runs.value("", "write_anonymous", "system_pgscan_kswapd_count");
  if (dropped > 0 && counted == 0 && background > 0)
    throw Missing{Verdict::not_testable, "kswapd worked at the same time: it may have done it all"};
  return expect(dropped > 0,
                count(dropped, "page") + " dropped while the process wrote, " +
                    count(background, "page") + " scanned by kswapd meanwhile",
                "pages dropped without kswapd", "nothing was reclaimed");
}

// The kernel counts direct scans only where the machine itself is short, which is when the periodic
// scan must work as well.
Finding scanned_in_background(const Runs& runs) {
  const auto scanned = [&](std::string_view metric) {
    return runs.value("", "read_file", metric) + runs.value("", "write_anonymous", metric);
  };
  const auto background = scanned("system_pgscan_kswapd_count");
  const auto direct = scanned("system_pgscan_direct_count");
  if (background == 0 && direct == 0)
    throw Missing{
        Verdict::not_testable,
        "a cgroup's limit does not wake kswapd; the machine itself would have to be short"};
  return expect(background > 0,
                count(background, "page") + " scanned by kswapd, " + std::to_string(direct) +
                    " by processes for want of memory in the whole machine",
                "some by kswapd", "the machine was short, and only processes scanned");
}

Finding room_no_swap(const Runs& runs) {
  constexpr std::string_view kWhere = "written_percent=50";
  run_of(runs, kWhere);
  const auto swapped = runs.value(kWhere, "write", "swap_bytes");
  return expect(swapped == 0, bytes(swapped) + " swapped with half of the limit written", "none",
                "memory was swapped although there was room");
}

Finding short_swaps(const Runs& runs) {
  constexpr std::string_view kWhere = "written_percent=200";
  const RunView& run = run_of(runs, kWhere);
  if (!run.ok()) throw Missing{Verdict::not_testable, "without swap: " + std::string(run.reason())};
  const auto swapped = runs.value(kWhere, "write", "swap_bytes");
  return expect(swapped > 0, bytes(swapped) + " swapped with twice the limit written", "some",
                "nothing was swapped above the limit");
}

Finding comes_back_major(const Runs& runs) {
  constexpr std::string_view kWhere = "written_percent=200";
  const RunView& run = run_of(runs, kWhere);
  if (!run.ok()) throw Missing{Verdict::not_testable, "without swap: " + std::string(run.reason())};
  const auto major = runs.value(kWhere, "read", "major_faults_count");
  const auto fetched = runs.value(kWhere, "read", "system_pswpin_count");
  return expect(major > 0 && fetched > 0,
                count(major, "major fault") + " and " + count(fetched, "page") + " read from swap",
                "both when it is read again", "it came back without the disk");
}

Finding larger_dies(const Runs& runs, std::string_view where) {
  run_of(runs, where);
  const auto large = runs.value(where, "grow", "large_signal_number");
  const auto small = runs.value(where, "grow", "small_signal_number");
  return expect(large == 9 && small == 0,
                "the larger ended by signal " + std::to_string(large) + ", the smaller by " +
                    std::to_string(small),
                "SIGKILL for the larger alone", "another process was killed");
}
Finding larger_dies_asking(const Runs& runs) { return larger_dies(runs, "grows=large"); }
Finding larger_dies_for_other(const Runs& runs) { return larger_dies(runs, "grows=small"); }

Finding malloc_succeeds(const Runs& runs) {
  constexpr std::string_view kWhere = "requested_percent=200";
  run_of(runs, kWhere);
  const auto address = runs.value(kWhere, "allocate", "block_address");
  return expect(address != 0, address != 0 ? "malloc returned a block" : "malloc returned null",
                "a block of twice the limit", "the request was refused");
}

Finding touch_is_killed(const Runs& runs) {
  const RunView& above = run_of(runs, "requested_percent=200");
  const RunView& below = run_of(runs, "requested_percent=50");
  return expect(above.status() == "oom_killed" && below.ok(),
                "the run above the limit ended as " + std::string(above.status()) +
                    ", the one below as " + std::string(below.status()),
                "oom_killed above, ok below", "nothing was killed for want of memory");
}

constexpr Predicate kCacheFirst[] = {
    {"cache", "inside a limited cgroup", "cache_reclaim", "anonymous_percent=75", "any page",
     judged<cache_goes_first>},
};
constexpr Claim reclaim_cache_first{"reclaim-cache-first",
                                    "limits",
                                    "Under pressure the kernel drops page cache before it kills.",
                                    "the notes",
                                    "any",
                                    "",
                                    kCacheFirst};
LAB_REGISTER_CLAIM(reclaim_cache_first);

constexpr Predicate kTwoWays[] = {
    {"direct", "directly by the allocating process", "cache_reclaim", "anonymous_percent=75",
     "any page", judged<reclaimed_directly>},
    {"background", "by a periodic scan", "cache_reclaim", "anonymous_percent=75", "any page",
     judged<scanned_in_background>},
};
constexpr Claim reclaim_two_ways{
    "reclaim-two-ways",
    "limits",
    "Memory is reclaimed directly by the allocating process and by a periodic scan.",
    "the notes",
    "any",
    "",
    kTwoWays};
LAB_REGISTER_CLAIM(reclaim_two_ways);

constexpr Predicate kSwapShort[] = {
    {"room", "with room to spare nothing is swapped", "swap_out", "written_percent=50", "exact",
     judged<room_no_swap>},
    {"short", "above the limit memory is swapped", "swap_out", "written_percent=200", "any page",
     judged<short_swaps>},
};
constexpr Claim swap_only_when_short{"swap-only-when-short",
                                     "limits",
                                     "Swapping happens only when memory is short.",
                                     "the notes",
                                     "any",
                                     "",
                                     kSwapShort};
LAB_REGISTER_CLAIM(swap_only_when_short);

constexpr Predicate kSwapAnon[] = {
    {"out", "anonymous pages are swapped out under pressure", "swap_out", "written_percent=200",
     "any page", judged<short_swaps>},
    {"in", "they come back with major faults", "swap_out", "written_percent=200", "any",
     judged<comes_back_major>},
};
constexpr Claim swap_anon{
    "swap-anon",
    "limits",
    "Under pressure anonymous pages are swapped out, and come back with major faults.",
    "the notes",
    "any",
    "",
    kSwapAnon};
LAB_REGISTER_CLAIM(swap_anon);

constexpr Predicate kVictim[] = {
    {"asking", "when it asks for more itself", "oom_victim", "grows=large", "exact",
     judged<larger_dies_asking>},
    {"other", "when a smaller one asks for more", "oom_victim", "grows=small", "exact",
     judged<larger_dies_for_other>},
};
constexpr Claim oom_victim{
    "oom-victim", "limits", "The kernel kills the process that takes the most memory.",
    "the notes",  "any",    "",
    kVictim};
LAB_REGISTER_CLAIM(oom_victim);

constexpr Predicate kKill[] = {
    {"malloc", "malloc itself succeeds", "oom_kill", "requested_percent=200", "exact",
     judged<malloc_succeeds>},
    {"touch", "the process is killed while it writes", "oom_kill", "requested_percent=50,200",
     "exact", judged<touch_is_killed>},
};
constexpr Claim oom_kill{
    "oom-kill",  "limits", "When nothing is left the kernel kills the process; malloc succeeded.",
    "the notes", "any",    "",
    kKill};
LAB_REGISTER_CLAIM(oom_kill);

}  // namespace
}  // namespace lab::claims
