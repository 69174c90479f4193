// Claims about what the numbers of a process include, and where its memory lies.
#include <algorithm>
#include <cstdlib>

#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kTouchedBytes = 2300 * 4096;

Finding res_leaves_out_shared(const Runs& runs) {
  const auto res = runs.change("kind=shared_anonymous sharers=0", "map", "touch", "rss_bytes");
  return expect(res <= kTouchedBytes / 10,
                "RSS grew by " + bytes(res) + " with " + bytes(kTouchedBytes) + " of shared memory",
                "at most a tenth of it", "RES counts shared memory: RssAnon leaves it out");
}

Finding shr_counts_libraries(const Runs& runs) {
  const auto file = runs.value("kind=private_anonymous sharers=0", "map", "rss_file_bytes");
  const auto grown = runs.change("kind=file sharers=0", "map", "touch", "rss_file_bytes");
  return expect(
      file > 0 && grown >= kTouchedBytes,
      bytes(file) + " of code and libraries, and " + bytes(grown) + " more of a mapped file",
      "file pages of both kinds", "file pages are not counted as shared");
}

Finding sum_counts_twice(const Runs& runs, std::string_view where, std::string_view pss) {
  const auto alone = runs.change(where, "map", "touch", pss);
  const auto lost = -runs.change(where, "touch", "share", pss);
  const auto rss = runs.change(where, "touch", "share", "rss_bytes");
  return expect(lost >= alone * 4 / 10 && rss >= -(alone / 10),
                "with one more process PSS fell by " + bytes(lost) + " of " + bytes(alone) +
                    ", RSS changed by " + bytes(rss),
                "PSS halves, RSS stays", "the pages are not shared");
}

Finding shared_memory_twice(const Runs& runs) {
  return sum_counts_twice(runs, "kind=shared_anonymous sharers=1", "pss_shmem_bytes");
}
Finding file_pages_twice(const Runs& runs) {
  return sum_counts_twice(runs, "kind=file sharers=1", "pss_file_bytes");
}

Finding vsz_counts_reserved(const Runs& runs) {
  const auto reserved = runs.grown("", "reserve", "vsz_bytes");
  const auto both = runs.grown("", "map", "vsz_bytes");
  const auto resident = runs.grown("", "map", "rss_anon_bytes");
  return expect(reserved == (1 << 30) && both == (2LL << 30) && resident == 0,
                "VSZ grew by " + bytes(reserved) + ", then to " + bytes(both) + "; resident " +
                    bytes(resident),
                "1 GiB each, nothing resident", "something was left out");
}

std::string hexadecimal(std::int64_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

Finding in_order(const Runs& runs, std::string_view where) {
  constexpr std::string_view kOrder[] = {"read_only", "data", "heap", "mapping", "stack"};
  bool holds =
      runs.value(where, "code", "object_address") < runs.value(where, "data", "object_address");
  std::int64_t below = 0;
  std::string measured;
  for (const auto object : kOrder) {
    const auto address = runs.value(where, object, "object_address");
    holds = holds && address > below;
    below = address;
    measured += (measured.empty() ? "" : " < ") + hexadecimal(address);
  }
  return expect(holds, measured, "read-only, data, heap, mappings, stack from low to high",
                "they lie in another order");
}
Finding in_order_pie(const Runs& runs) { return in_order(runs, "program=pie"); }
Finding in_order_non_pie(const Runs& runs) { return in_order(runs, "program=non_pie"); }
Finding in_order_32(const Runs& runs) { return in_order(runs, "program=32bit"); }

// The kernel keeps the last pages before the end for itself: a guard page on x86.
Finding ends_at(const Runs& runs, std::string_view where, std::int64_t expected,
                std::string_view words) {
  constexpr std::int64_t kGuardBytes = 64 << 10;
  const auto end = runs.value(where, "end_of_user_space", "object_address");
  return expect(end <= expected && end > expected - kGuardBytes,
                "user space ends at " + hexadecimal(end), std::string(words),
                end > expected ? "there is more of it" : "there is less of it");
}
Finding ends_at_128_tib(const Runs& runs) {
  return ends_at(runs, "program=pie", 1LL << 47, "128 TiB, the upper half being the kernel's");
}
Finding ends_at_3_gib(const Runs& runs) {
  return ends_at(runs, "program=32bit", 3LL << 30, "3 GiB: 0xc0000000");
}

Finding has_48_bits(const Runs& runs) {
  const auto bits = runs.value("program=self", "look", "virtual_address_bits");
  const auto physical = runs.value("program=self", "look", "physical_address_bits");
  return expect(
      bits == 48,
      std::to_string(bits) + " virtual and " + std::to_string(physical) + " physical bits",
      "48 virtual bits", "this processor has more address bits");
}

Finding status_differs(const Runs& runs) {
  std::int64_t furthest = 0, compared = 0;
  for (const RunView* run : runs.all(""))
    for (int i = 0; i < run->occurrences("touch"); ++i) {
      const auto quick = run->value("touch", "status_rss_bytes", i);
      const auto exact = run->value("touch", "rss_bytes", i);
      if (!quick || !exact) continue;
      ++compared;
      furthest = std::max(furthest, std::abs(*quick - *exact));
    }
  if (compared == 0) throw Missing{Verdict::not_testable, "the two numbers were not both measured"};
  return expect(furthest > 0, "at most " + bytes(furthest) + " apart at " + count(compared, "mark"),
                "a difference at some mark", "they are equal on this kernel");
}

Finding tables_grow(const Runs& runs) {
  const auto small = runs.grown("advice=nohugepage range_bytes=4MiB", "write", "page_table_bytes");
  const auto large =
      runs.grown("advice=nohugepage range_bytes=128MiB", "write", "page_table_bytes");
  return expect(large >= 8 * small && large >= (200 << 10),
                bytes(small) + " for 4 MiB, " + bytes(large) + " for 128 MiB",
                "one page for each 2 MiB", "tables did not grow with the range");
}

Finding huge_tables_are_small(const Runs& runs) {
  const auto normal =
      runs.grown("advice=nohugepage range_bytes=128MiB", "write", "page_table_bytes");
  const auto huge = runs.grown("advice=hugepage range_bytes=128MiB", "write", "page_table_bytes");
  return expect(2 * huge <= normal, bytes(huge) + " with huge pages, " + bytes(normal) + " without",
                "at most half",
                "the kernel keeps a table in reserve for each huge page, to be able to split it");
}

// The slowest huge-page run against the fastest one with small pages, over all blocks.
Finding chase_is_faster(const Runs& runs) {
  const auto times = [&](std::string_view where) {
    std::vector<std::int64_t> all;
    for (const RunView* run : runs.all(where))
      if (const auto ns = run->value("chase", "wall_ns")) all.push_back(*ns);
    return all;
  };
  const auto small = times("advice=nohugepage");
  const auto huge = times("advice=hugepage");
  constexpr std::size_t kLeastBlocks = 6;
  if (std::min(small.size(), huge.size()) < kLeastBlocks)
    throw Missing{Verdict::not_testable, "a claim about time needs six blocks"};
  const auto fastest_small = *std::min_element(small.begin(), small.end());
  const auto slowest_huge = *std::max_element(huge.begin(), huge.end());
  const auto fastest_huge = *std::min_element(huge.begin(), huge.end());
  const auto slowest_small = *std::max_element(small.begin(), small.end());
  if (slowest_huge * 10 > fastest_small * 9 && fastest_huge * 10 < slowest_small * 9)
    throw Missing{Verdict::not_testable, "too noisy: the two ranges of times overlap"};
  return expect(slowest_huge * 10 <= fastest_small * 9,
                std::to_string(slowest_huge) + " ns at most with huge pages, " +
                    std::to_string(fastest_small) + " ns at least without",
                "a tenth faster in every block", "huge pages were not faster");
}

constexpr Predicate kRssIncludes[] = {
    {"res_without_shared", "RES leaves out shared memory", "rss_composition",
     "kind=shared_anonymous pages=2300 sharers=0", "a tenth", judged<res_leaves_out_shared>},
    {"shr_with_libraries", "SHR counts libraries and other file pages", "rss_composition",
     "kind=private_anonymous,file pages=2300 sharers=0", "exact", judged<shr_counts_libraries>},
};
constexpr Claim rss_includes{
    "rss-includes",      "process", "RES leaves out shared memory; SHR counts libraries.",
    "the notes, of top", "any",     "",
    kRssIncludes};
LAB_REGISTER_CLAIM(rss_includes);

constexpr Predicate kNotAdditive[] = {
    {"shared_memory", "of shared memory", "rss_composition",
     "kind=shared_anonymous pages=2300 sharers=1", "a fifth of the half",
     judged<shared_memory_twice>},
    {"file", "of a mapped file", "rss_composition", "kind=file pages=2300 sharers=1",
     "a fifth of the half", judged<file_pages_twice>},
};
constexpr Claim shr_not_additive{
    "shr-not-additive",  "process", "Shared memory must not be added up over processes.",
    "the notes, of top", "any",     "",
    kNotAdditive};
LAB_REGISTER_CLAIM(shr_not_additive);

constexpr Predicate kVszIncludes[] = {
    {"reserved", "inaccessible and untouched memory count", "reserve",
     "reserved_bytes=1GiB touched_pages=23", "exact", judged<vsz_counts_reserved>},
};
constexpr Claim vsz_includes_all{
    "vsz-includes-all",  "process", "VIRT counts all that was ever asked for, resident or not.",
    "the notes, of top", "any",     "",
    kVszIncludes};
LAB_REGISTER_CLAIM(vsz_includes_all);

constexpr Predicate kLayout[] = {
    {"order", "read-only, data, heap, mappings, stack from low to high", "address_space",
     "program=pie", "exact", judged<in_order_pie>},
    {"order_non_pie", "the same in a program built for a fixed address", "address_space",
     "program=non_pie", "exact", judged<in_order_non_pie>},
    {"end", "user space ends at 128 TiB: 47 of 64 bits, the top one is never set", "address_space",
     "program=pie", "64 KiB below", judged<ends_at_128_tib>},
    {"bits", "addresses have 48 bits", "address_space", "program=self", "exact",
     judged<has_48_bits>},
};
constexpr Claim va_layout{
    "va-layout",
    "process",
    "From low to high: read-only, data, heap, mappings, stack; 128 TiB of user space on 64-bit.",
    "the notes",
    "64-bit systems",
    "",
    kLayout};
LAB_REGISTER_CLAIM(va_layout);

constexpr Predicate kLayout32[] = {
    {"end", "user space ends at 3 GiB", "address_space", "program=32bit", "64 KiB below",
     judged<ends_at_3_gib>},
    {"order", "the order is that of a 64-bit process", "address_space", "program=32bit", "exact",
     judged<in_order_32>},
};
constexpr Claim va_32{
    "va-32",     "process",         "A 32-bit process has 3 GiB of user space and the same order.",
    "the notes", "32-bit programs", "",
    kLayout32};
LAB_REGISTER_CLAIM(va_32);

constexpr Predicate kInexact[] = {
    {"marks", "it differs from the sum over all mappings", "rss_sources", "pages=1,23,63,1000",
     "any byte", judged<status_differs>},
};
constexpr Claim vmrss_inexact{
    "vmrss-inexact", "process", "VmRSS in status is inaccurate.", "proc(5)", "any", "", kInexact};
LAB_REGISTER_CLAIM(vmrss_inexact);

constexpr Predicate kTlb[] = {
    {"tables", "page tables grow with the touched range", "tlb_reach",
     "range_bytes=4MiB,128MiB advice=nohugepage", "factor 8 for 32", judged<tables_grow>},
    {"huge_tables", "huge pages cut their memory", "tlb_reach",
     "range_bytes=128MiB advice=nohugepage,hugepage", "factor 2", judged<huge_tables_are_small>},
    {"time", "huge pages make a pointer chase faster", "tlb_reach",
     "range_bytes=128MiB advice=nohugepage,hugepage", "a tenth, in every of six blocks",
     judged<chase_is_faster>, "", true},
};
constexpr Claim tlb_reach{
    "tlb-reach",
    "process",
    "Page-table and TLB cost grows with the touched range; huge pages cut it.",
    "the notes",
    "any",
    "",
    kTlb};
LAB_REGISTER_CLAIM(tlb_reach);

}  // namespace
}  // namespace lab::claims
