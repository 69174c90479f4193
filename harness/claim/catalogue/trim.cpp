// Claims about memory that was freed inside the heap: reused, kept or given back.
#include <algorithm>

#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kHeaderBytes = 16;

Finding kept_after_free(const Runs& runs) {
  const auto full = runs.grown("", "fill", "rss_anon_bytes");
  const auto kept = runs.grown("", "make_holes", "rss_anon_bytes");
  return expect(kept >= full * 9 / 10, bytes(kept) + " of " + bytes(full) + " still resident",
                "at least nine tenths", "free gave memory back");
}

Finding reuse_is_free(const Runs& runs, std::string_view where) {
  const auto faults = runs.value(where, "reuse", "minor_faults_count");
  const auto calls = runs.value(where, "reuse", "brk_calls_count") +
                     runs.value(where, "reuse", "mmap_calls_count");
  const auto blocks = runs.value(where, "reuse", "allocations_count");
  return expect(faults * 100 <= blocks && calls * 100 <= blocks,
                count(faults, "fault") + " and " + count(calls, "system call") + " for " +
                    count(blocks, "block"),
                "at most one of each in a hundred blocks", "new memory was taken");
}

Finding reuse_same(const Runs& runs) { return reuse_is_free(runs, "request_percent=100"); }
Finding reuse_smaller(const Runs& runs) { return reuse_is_free(runs, "request_percent=50"); }

// The room that lay free at the top of the heap just before the last free of a run.
struct FreeTop {
  std::int64_t largest_kept = 0;
  std::int64_t smallest_trimmed = INT64_MAX;
};

FreeTop free_tops(const Runs& runs, std::string_view where) {
  FreeTop tops;
  for (const RunView* run : runs.all(where)) {
    const auto end = run->value("allocate", "heap_top_address");
    const auto start = run->value("allocate", "block_address");
    const auto calls = run->value("free", "brk_calls_count");
    if (!end || !start || !calls) continue;
    const std::int64_t top = *end - (*start - kHeaderBytes);
    if (*calls > 0) tops.smallest_trimmed = std::min(tops.smallest_trimmed, top);
    else tops.largest_kept = std::max(tops.largest_kept, top);
  }
  if (tops.largest_kept == 0 || tops.smallest_trimmed == INT64_MAX)
    throw Missing{Verdict::not_testable, "no boundary was found: is brk counted here?"};
  return tops;
}

Finding trimmed_at(const FreeTop& tops, std::int64_t threshold) {
  return expect(tops.largest_kept < threshold && tops.smallest_trimmed >= threshold,
                "a free top of " + bytes(tops.largest_kept) + " was kept, of " +
                    bytes(tops.smallest_trimmed) + " given back",
                "a boundary at " + bytes(threshold), "the boundary lies elsewhere");
}

Finding trim_at_128_kib(const Runs& runs) { return trimmed_at(free_tops(runs, ""), 128 << 10); }
Finding trim_at_256_kib(const Runs& runs) { return trimmed_at(free_tops(runs, ""), 256 << 10); }

Finding pad_is_left(const Runs& runs) {
  const auto left = runs.grown("", "free", "heap_bytes");
  return expect(left < (64 << 10), bytes(left) + " of heap left after trimming",
                "less than 64 KiB left", "free leaves the top pad of 128 KiB at the top");
}

constexpr std::string_view kAsTold = "mmap_threshold_bytes=absent trim_threshold_bytes=absent";
constexpr std::string_view kPinned = "mmap_threshold_bytes=128KiB trim_threshold_bytes=128KiB";

Finding c_is_mapped(const Runs& runs) {
  const auto c = runs.value(kAsTold, "malloc_c", "mmap_calls_count");
  std::int64_t others = 0;
  for (const auto phase : {"malloc_a", "malloc_b", "malloc_d"})
    others += runs.value(kAsTold, phase, "mmap_calls_count");
  return expect(c == 1 && others == 0,
                count(c, "mmap call") + " for C, " + std::to_string(others) + " for the others",
                "only C is mapped", "another block was mapped, or C was not");
}

Finding c_is_unmapped(const Runs& runs) {
  const auto calls = runs.value(kAsTold, "free_c", "munmap_calls_count");
  const auto change = runs.change(kAsTold, "malloc_d", "free_c", "rss_anon_bytes");
  return expect(calls == 1 && change <= -(200 << 10),
                count(calls, "munmap call") + ", RSS changed by " + bytes(change),
                "one munmap and 200 KiB less", "C was kept");
}

Finding b_stays(const Runs& runs) {
  const auto change = runs.change(kAsTold, "free_c", "free_b", "rss_anon_bytes");
  const auto calls = runs.value(kAsTold, "free_b", "brk_calls_count");
  return expect(change == 0 && calls == 0,
                "RSS changed by " + bytes(change) + ", " + count(calls, "brk call"),
                "nothing changes", "the hole was given back");
}

Finding d_shrinks(const Runs& runs, std::string_view where, std::string_view from) {
  const auto calls = runs.value(where, "free_d", "brk_calls_count");
  const auto change = runs.change(where, from, "free_d", "heap_bytes");
  return expect(calls > 0 && change < 0,
                count(calls, "brk call") + ", the heap changed by " + bytes(change),
                "brk, and a smaller heap",
                "freeing C raised the thresholds: more than 128 KiB may now stay free");
}

Finding d_shrinks_as_told(const Runs& runs) { return d_shrinks(runs, kAsTold, "free_b"); }
Finding d_shrinks_pinned(const Runs& runs) { return d_shrinks(runs, kPinned, "free_b"); }

Finding pinned_after_free(const Runs& runs) {
  const auto full = runs.grown("", "allocate", "rss_anon_bytes");
  const auto kept = runs.grown("", "free", "rss_anon_bytes");
  return expect(kept >= full * 9 / 10, bytes(kept) + " of " + bytes(full) + " resident after free",
                "at least nine tenths", "free gave it back in spite of the block at the top");
}

Finding pinned_after_release(const Runs& runs) {
  const auto full = runs.grown("", "allocate", "rss_anon_bytes");
  const auto kept = runs.grown("", "release", "rss_anon_bytes");
  return expect(kept >= full * 9 / 10,
                bytes(kept) + " of " + bytes(full) + " resident after malloc_trim",
                "at least nine tenths", "malloc_trim also purges whole free pages below the top");
}

constexpr Predicate kBrkKept[] = {
    {"kept", "freed blocks stay resident", "hole_reuse", "hole_bytes=4KiB request_percent=100",
     "a tenth", judged<kept_after_free>},
    {"reused", "taking them again costs no fault and no system call", "hole_reuse",
     "hole_bytes=4KiB request_percent=100", "one in a hundred", judged<reuse_same>},
};
constexpr Claim brk_free_kept{
    "brk-free-kept", "trim", "Memory freed inside the heap is kept for reuse, not returned.",
    "the notes",     "any",  "glibc",
    kBrkKept};
LAB_REGISTER_CLAIM(brk_free_kept);

constexpr Predicate kHoleReuse[] = {
    {"same", "a block of the hole's size", "hole_reuse", "hole_bytes=4KiB request_percent=100",
     "one in a hundred", judged<reuse_same>},
    {"smaller", "a block of half its size", "hole_reuse", "hole_bytes=4KiB request_percent=50",
     "one in a hundred", judged<reuse_smaller>},
};
constexpr Claim hole_reuse{
    "hole-reuse", "trim", "Free holes in the heap are reused without system call or fault.",
    "the notes",  "any",  "all",
    kHoleReuse};
LAB_REGISTER_CLAIM(hole_reuse);

constexpr Predicate kTopTrim[] = {
    {"boundary", "with no pad, a free top is given back from 128 KiB on", "trim_boundary",
     "trim_threshold_bytes=absent top_pad_bytes=0 search=boundary", "± 1 page",
     judged<trim_at_128_kib>},
    {"tunable", "M_TRIM_THRESHOLD moves that boundary", "trim_boundary",
     "trim_threshold_bytes=256KiB top_pad_bytes=0 search=boundary", "± 1 page",
     judged<trim_at_256_kib>},
    {"whole", "by default, all of the free top is given back", "trim_boundary",
     "freed_bytes=320KiB trim_threshold_bytes=absent top_pad_bytes=absent", "64 KiB",
     judged<pad_is_left>},
};
constexpr Claim top_trim_128k{
    "top-trim-128k",
    "trim",
    "When the free top of the heap exceeds 128 KiB it is given back with brk.",
    "the notes; mallopt(3)",
    "any",
    "glibc",
    kTopTrim};
LAB_REGISTER_CLAIM(top_trim_128k);

constexpr Predicate kAbcd[] = {
    {"c_mapped", "C is mapped, A, B and D are not", "abcd_walkthrough", kAsTold, "exact",
     judged<c_is_mapped>},
    {"free_c", "freeing C unmaps it at once", "abcd_walkthrough", kAsTold, "exact",
     judged<c_is_unmapped>},
    {"free_b", "freeing B leaves a hole that stays", "abcd_walkthrough", kAsTold, "exact",
     judged<b_stays>},
    {"free_d", "freeing D merges it with B, and the heap shrinks", "abcd_walkthrough", kAsTold,
     "exact", judged<d_shrinks_as_told>},
    {"free_d_pinned", "the same, with both thresholds set to 128 KiB by hand", "abcd_walkthrough",
     kPinned, "exact", judged<d_shrinks_pinned>},
};
constexpr Claim abcd_walkthrough{
    "abcd-walkthrough",
    "trim",
    "malloc 30K, 40K, 200K, 100K: free C unmaps it, free B leaves a hole, free D shrinks the heap.",
    "the notes",
    "any",
    "glibc",
    kAbcd};
LAB_REGISTER_CLAIM(abcd_walkthrough);

constexpr Predicate kTopPin[] = {
    {"after_free", "after free", "heap_trim",
     "pattern=pin_at_top block_bytes=1KiB trim_threshold_bytes=absent", "a tenth",
     judged<pinned_after_free>},
    {"after_release", "even after malloc_trim(0)", "heap_trim",
     "pattern=pin_at_top block_bytes=1KiB trim_threshold_bytes=absent", "a tenth",
     judged<pinned_after_release>},
};
constexpr Claim top_pin{"top-pin",
                        "trim",
                        "One small live block at the top keeps everything freed below it resident.",
                        "the notes",
                        "any",
                        "glibc",
                        kTopPin};
LAB_REGISTER_CLAIM(top_pin);

constexpr Predicate kTrimTopOnly[] = {
    {"survivors_1_percent", "with 1 % survivors spread out it releases nothing", "heap_trim",
     "pattern=survivors_1_percent block_bytes=1KiB trim_threshold_bytes=absent", "a tenth",
     judged<pinned_after_release>},
};
constexpr Claim trim_top_only{"trim-top-only",
                              "trim",
                              "malloc_trim(0) can only release the top of the heap.",
                              "blogs",
                              "glibc 2.8 and later",
                              "glibc",
                              kTrimTopOnly};
LAB_REGISTER_CLAIM(trim_top_only);

}  // namespace
}  // namespace lab::claims
