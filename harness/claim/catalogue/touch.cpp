// Claims about when memory becomes resident, and in what units.
#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kPageBytes = 4096;

Finding untouched_is_free(const Runs& runs) {
  const auto resident = runs.grown("touched_pages=23", "allocate", "rss_anon_bytes");
  return expect(resident <= 8 * kPageBytes, bytes(resident) + " resident after malloc of 1 MiB",
                "at most 8 pages of records", "malloc itself touched the block");
}

Finding touched_is_paid(const Runs& runs) {
  const auto resident = runs.grown("touched_pages=23", "touch", "rss_anon_bytes");
  const auto faults = runs.value("touched_pages=23", "allocate", "minor_faults_count") +
                      runs.value("touched_pages=23", "touch", "minor_faults_count");
  return expect(
      resident >= 23 * kPageBytes && resident <= 31 * kPageBytes && faults >= 23 && faults <= 31,
      bytes(resident) + " resident and " + count(faults, "fault") + " after 23 pages",
      "23 pages and 23 faults, with up to 8 for records", "the numbers do not match");
}

Finding whole_pages(const Runs& runs) {
  std::string measured;
  bool holds = true;
  for (const std::int64_t written : {1, 1024, 4096, 5120, 7168}) {
    const auto resident =
        runs.grown("written_bytes=" + std::to_string(written), "write", "rss_anon_bytes");
    holds = holds && resident == (written + kPageBytes - 1) / kPageBytes * kPageBytes;
    measured += (measured.empty() ? "" : ", ") + bytes(written) + " take " + bytes(resident);
  }
  return expect(holds, measured, "the pages spanned", "it grew in another unit");
}

Finding top_has_room(const Runs& runs) {
  const auto first = runs.grown("", "malloc_32k", "vsz_bytes");
  const auto second = runs.change("", "malloc_32k", "malloc_64k", "vsz_bytes");
  return expect(first > 0 && second == 0,
                "32 KiB added " + bytes(first) + " to VSZ, the next 64 KiB added " + bytes(second),
                "growth with the first block, none with the second", "every block grew VSZ");
}

Finding fresh_is_zero(const Runs& runs) {
  std::int64_t sources = 0, dirty = 0;
  for (const auto source : {"anonymous", "shared_anonymous", "populated", "brk", "dontneed"}) {
    dirty += runs.value(std::string("source=") + source, "read", "nonzero_bytes");
    ++sources;
  }
  return expect(dirty == 0, count(dirty, "byte") + " not zero from " + count(sources, "source"),
                "none", "old bytes were seen");
}

Finding read_is_resident(const Runs& runs) {
  const auto resident = runs.grown("pages=230", "read", "rss_anon_bytes");
  const auto faults = runs.value("pages=230", "read", "minor_faults_count");
  return expect(resident >= 200 * kPageBytes,
                bytes(resident) + " resident after " + count(faults, "fault") + " of 230 reads",
                "230 pages", "reading maps the shared zero page, which is not counted");
}

Finding write_after_read_is_free(const Runs& runs) {
  const auto faults = runs.value("pages=230", "write", "minor_faults_count");
  return expect(faults <= 23, count(faults, "fault") + " to write 230 pages that were read before",
                "none: they are resident already", "the first write faults again and pays");
}

Finding calloc_touches(const Runs& runs, std::string_view where) {
  const auto faults = runs.value(where, "calloc", "minor_faults_count");
  const auto resident = runs.grown(where, "calloc", "rss_anon_bytes");
  return expect(
      resident >= (30 << 20),
      bytes(resident) + " resident and " + count(faults, "fault") + " after calloc of 32 MiB",
      "32 MiB resident", "memory known to be zero is not touched");
}

Finding calloc_touches_fresh(const Runs& runs) { return calloc_touches(runs, "history=fresh"); }
Finding calloc_touches_recycled(const Runs& runs) {
  return calloc_touches(runs, "history=recycled");
}

Finding populate_does_not_trap(const Runs& runs) {
  const auto traps = runs.value("populate=map", "map", "perf_page_faults_count") +
                     runs.value("populate=map", "write", "perf_page_faults_count");
  return expect(traps <= 2, count(traps, "fault") + " counted by perf for 230 pages", "none",
                "the process trapped");
}

Finding populate_is_not_charged(const Runs& runs) {
  const auto charged = runs.value("populate=map", "map", "minor_faults_count");
  return expect(charged <= 2, count(charged, "fault") + " counted by getrusage for 230 pages",
                "none", "getrusage charges the pages that populating brings in");
}

Finding free_lowers_rss(const Runs& runs) {
  const auto kept = runs.grown("advice=free", "advise", "rss_anon_bytes");
  const auto dontneed = runs.grown("advice=dontneed", "advise", "rss_anon_bytes");
  return expect(
      kept <= 23 * kPageBytes,
      bytes(kept) + " resident after MADV_FREE, " + bytes(dontneed) + " after MADV_DONTNEED",
      "nearly none of 230 pages", "the pages stay counted until the kernel needs them");
}

Finding byte_costs_2_mib(const Runs& runs) {
  const auto resident =
      runs.grown("advice=hugepage touch=write touched_bytes=1", "touch", "rss_anon_bytes");
  const auto usual =
      runs.grown("advice=nohugepage touch=write touched_bytes=1", "touch", "rss_anon_bytes");
  return expect(resident == (2 << 20), bytes(resident) + " against " + bytes(usual) + " without",
                "2 MiB", "no huge page was given");
}

Finding limit_is_8_mib(const Runs& runs) {
  const auto limit = runs.value("", "descend", "stack_limit_bytes");
  const auto signal = runs.value("", "beyond", "helper_signal_number");
  return expect(limit == (8 << 20) && signal == 11,
                bytes(limit) + "; a deeper descent ended by signal " + std::to_string(signal),
                "8 MiB, and SIGSEGV beyond", "another limit is set here");
}

Finding grows_on_demand(const Runs& runs) {
  constexpr std::string_view kWhere = "depth_bytes=7MiB";
  const auto grown = runs.grown(kWhere, "descend", "stack_bytes");
  const auto again = runs.value(kWhere, "descend_again", "minor_faults_count");
  return expect(
      grown >= (6 << 20) && again == 0,
      bytes(grown) + " grown by a descent of 7 MiB, " + count(again, "fault") + " in a second one",
      "growth at the first descent only", "the stack was there from the start");
}

Finding fork_copies_nothing(const Runs& runs) {
  const auto faults = runs.value("", "child_reads", "child_minor_faults_count");
  return expect(faults <= 23, count(faults, "fault") + " while the child read 2300 pages",
                "nearly none", "pages were copied for reading");
}

Finding writer_pays(const Runs& runs) {
  const auto child = runs.value("", "child_writes_half", "child_minor_faults_count");
  const auto body = runs.value("", "body_writes_rest", "minor_faults_count");
  const auto in_range = [](std::int64_t faults) { return faults >= 1150 && faults <= 1210; };
  return expect(in_range(child) && in_range(body),
                count(child, "fault") + " for the child's 1150 pages, " + std::to_string(body) +
                    " for the parent's",
                "one a page for whoever writes first", "pages were copied at another time");
}

constexpr Predicate kFirstTouch[] = {
    {"allocate", "malloc alone makes nothing resident", "first_touch",
     "block_bytes=1MiB touched_pages=23 touch=write", "8 pages of the allocator's own records",
     judged<untouched_is_free>},
    {"touch", "each page touched is a page resident and a fault", "first_touch",
     "block_bytes=1MiB touched_pages=23 touch=write", "8 pages of the allocator's own records",
     judged<touched_is_paid>},
};
constexpr Claim first_touch{
    "first-touch", "touch", "malloc takes address space only; physical pages come at first access.",
    "the notes",   "any",   "all",
    kFirstTouch};
LAB_REGISTER_CLAIM(first_touch);

constexpr Predicate kPageGranular[] = {
    {"sizes", "1, 1K, 4K, 5K and 7K written make whole pages resident", "page_granularity",
     "written_bytes=1,1KiB,4KiB,5KiB,7KiB", "exact", judged<whole_pages>},
};
constexpr Claim page_granular{"page-granular", "touch", "RSS grows in multiples of the page size.",
                              "the notes",     "any",   "",
                              kPageGranular};
LAB_REGISTER_CLAIM(page_granular);

constexpr Predicate kVszLazy[] = {
    {"second_block", "a second block fits into the room of the first purchase", "partial_writes",
     "", "exact", judged<top_has_room>},
};
constexpr Claim vsz_lazy_top{
    "vsz-lazy-top",
    "touch",
    "VSZ does not grow with each malloc: free room at the top of the heap is reused.",
    "the notes",
    "any",
    "glibc",
    kVszLazy};
LAB_REGISTER_CLAIM(vsz_lazy_top);

constexpr Predicate kZeroed[] = {
    {"all_sources", "whether mapped, shared, populated, by brk or purged", "mmap_zeroed",
     "source=anonymous,shared_anonymous,populated,brk,dontneed", "exact", judged<fresh_is_zero>},
};
constexpr Claim mmap_zeroed{
    "mmap-zeroed", "touch", "Memory fresh from mmap is zero.", "the notes", "any", "", kZeroed};
LAB_REGISTER_CLAIM(mmap_zeroed);

constexpr Predicate kReadTouch[] = {
    {"resident", "after reading, the pages count in RSS anon", "read_touch", "pages=230", "a tenth",
     judged<read_is_resident>},
    {"write", "writing them afterwards faults no more", "read_touch", "pages=230", "a tenth",
     judged<write_after_read_is_free>},
};
constexpr Claim read_touch{"read-touch", "touch", "Reading an untouched page makes it resident.",
                           "folklore",   "any",   "",
                           kReadTouch};
LAB_REGISTER_CLAIM(read_touch);

constexpr Predicate kCallocTouch[] = {
    {"fresh", "of a fresh block", "calloc_touch", "block_bytes=32MiB history=fresh", "2 MiB",
     judged<calloc_touches_fresh>},
    {"recycled", "of a block that was written and freed", "calloc_touch",
     "block_bytes=32MiB history=recycled", "2 MiB", judged<calloc_touches_recycled>},
};
constexpr Claim calloc_zero_touch{"calloc-zero-touch", "touch", "calloc touches all its memory.",
                                  "folklore",          "any",   "all",
                                  kCallocTouch};
LAB_REGISTER_CLAIM(calloc_zero_touch);

constexpr Predicate kPopulate[] = {
    {"traps", "as perf counts faults", "populate", "populate=map pages=230", "2 faults",
     judged<populate_does_not_trap>},
    {"charged", "as getrusage counts faults", "populate", "populate=map pages=230", "2 faults",
     judged<populate_is_not_charged>},
};
constexpr Claim populate_no_fault{"populate-no-fault",
                                  "touch",
                                  "MAP_POPULATE causes no page faults.",
                                  "blogs",
                                  "any",
                                  "",
                                  kPopulate};
LAB_REGISTER_CLAIM(populate_no_fault);

constexpr Predicate kMadvFree[] = {
    {"rss", "RSS anon right after the call", "purge_advice", "advice=free,dontneed pages=230",
     "a tenth", judged<free_lowers_rss>},
};
constexpr Claim madv_free_now{"madv-free-now",
                              "touch",
                              "MADV_FREE lowers RSS at once.",
                              "folklore",
                              "Linux 4.5 and later",
                              "",
                              kMadvFree};
LAB_REGISTER_CLAIM(madv_free_now);

constexpr Predicate kThp[] = {
    {"write", "one byte written in memory advised MADV_HUGEPAGE", "thp_amplify",
     "advice=hugepage,nohugepage touch=write touched_bytes=1", "exact", judged<byte_costs_2_mib>},
};
constexpr Claim thp_amplify{"thp-amplify",
                            "touch",
                            "One touched byte can cost 2 MiB with huge pages.",
                            "kernel documentation",
                            "any",
                            "",
                            kThp};
LAB_REGISTER_CLAIM(thp_amplify);

constexpr Predicate kStack[] = {
    {"limit", "the limit is 8 MiB, and a descent beyond it is killed", "stack_depth",
     "depth_bytes=7MiB", "exact", judged<limit_is_8_mib>},
    {"on_demand", "it grows when it is used", "stack_depth", "depth_bytes=7MiB", "1 MiB",
     judged<grows_on_demand>},
};
constexpr Claim stack_8m{
    "stack-8m",  "touch", "The stack is limited to about 8 MiB and grows on demand.",
    "the notes", "any",   "",
    kStack};
LAB_REGISTER_CLAIM(stack_8m);

constexpr Predicate kFork[] = {
    {"reading", "the child's reads copy nothing", "fork_cow", "pages=2300", "1 %",
     judged<fork_copies_nothing>},
    {"writing", "whoever writes first pays one fault a page", "fork_cow", "pages=2300", "5 %",
     judged<writer_pays>},
};
constexpr Claim cow_fork{
    "cow-fork", "touch", "fork shares pages until one side writes.", "kernel documentation", "any",
    "",         kFork};
LAB_REGISTER_CLAIM(cow_fork);

}  // namespace
}  // namespace lab::claims
