// Claims about the size from which malloc uses mmap, and about what mmap costs and buys.
#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kDocumentedBytes = 128 << 10;
constexpr std::int64_t kHeaderBytes = 32;  // header and rounding of one request

Finding boundary_near(const Runs& runs, std::string_view where, std::int64_t expected,
                      std::string why) {
  const auto found = boundary(runs, where, "request_bytes", "request", "mmap_calls_count");
  const auto at = found.first_with;
  return expect(found.is_single() && at > expected - kHeaderBytes && at <= expected,
                found.is_single()
                    ? "mmap from " + bytes(at)
                    : "mmap for " + bytes(at) + ", none for " + bytes(found.last_without),
                "from " + bytes(expected) + " less at most a header", std::move(why));
}

Finding fresh_boundary(const Runs& runs) {
  return boundary_near(runs, "history=fresh", kDocumentedBytes,
                       "the boundary lies elsewhere even in a fresh heap");
}

Finding boundary_after_small(const Runs& runs) {
  return boundary_near(runs, "history=small", kDocumentedBytes,
                       "one small block moved the boundary");
}

Finding boundary_with_room_at_top(const Runs& runs) {
  return boundary_near(runs, "history=freed_top", kDocumentedBytes,
                       "free room at the top of the heap serves requests above the threshold");
}

Finding smaller_by_brk(const Runs& runs) {
  const auto brk = runs.value("request_bytes=120KiB history=fresh", "request", "brk_calls_count");
  const auto mapped =
      runs.value("request_bytes=120KiB history=fresh", "request", "mmap_calls_count");
  return expect(brk > 0 && mapped == 0, count(brk, "brk call") + ", " + count(mapped, "mmap call"),
                "brk and no mmap for 120 KiB in a fresh heap", "another call served it");
}

Finding moved_to_64_kib(const Runs& runs) {
  return boundary_near(runs, "history=fresh mmap_threshold_bytes=64KiB", 64 << 10,
                       "the setting did not move the boundary");
}

Finding moved_to_1_mib(const Runs& runs) {
  return boundary_near(runs, "history=fresh mmap_threshold_bytes=1MiB", 1 << 20,
                       "the setting did not move the boundary");
}

Finding boundary_after_free(const Runs& runs) {
  return boundary_near(runs, "freed_bytes=1MiB mmap_threshold_bytes=absent", kDocumentedBytes,
                       "freeing a mapped block raises the boundary to that block's size");
}

Finding rise_without_end(const Runs& runs) {
  const auto end = boundary(runs, "request_bytes=same mmap_threshold_bytes=absent", "freed_bytes",
                            "request", "mmap_calls_count");
  return expect(end.is_single() && end.first_with <= (1 << 20),
                "blocks up to " + bytes(end.last_without) +
                    " are no longer mapped once one was freed, from " + bytes(end.first_with) +
                    " they are",
                "a freed size is mapped again, whatever it is",
                "the boundary rises with what is freed, up to a limit");
}

Finding free_unmaps(const Runs& runs) {
  constexpr std::string_view kWhere = "request_bytes=1MiB history=fresh";
  if (runs.value(kWhere, "request", "mmap_calls_count") != 1)
    not_applicable("the block was not served by an mmap of its own");
  const auto calls = runs.value(kWhere, "free", "munmap_calls_count");
  return expect(calls >= 1, count(calls, "munmap call"), "munmap in free",
                "the mapping is kept for reuse");
}

Finding free_returns(const Runs& runs) {
  constexpr std::string_view kWhere = "request_bytes=1MiB history=fresh";
  const auto kept = runs.grown(kWhere, "free", "rss_anon_bytes");
  return expect(kept <= (64 << 10), bytes(kept) + " of 1 MiB still resident", "at most 64 KiB",
                "the allocator keeps the pages for a while");
}

Finding all_mapped_faults(const Runs& runs) {
  const auto mapped = runs.value("mmap_threshold_bytes=1", "churn", "minor_faults_count");
  const auto normal = runs.value("mmap_threshold_bytes=absent", "churn", "minor_faults_count");
  return expect(mapped > 2 * normal + 10,
                count(mapped, "fault") + " against " + std::to_string(normal),
                "more than twice as many faults", "faults did not rise");
}

Finding all_mapped_calls(const Runs& runs) {
  const auto calls = [&](std::string_view where) {
    return runs.value(where, "churn", "mmap_calls_count") +
           runs.value(where, "churn", "munmap_calls_count") +
           runs.value(where, "churn", "brk_calls_count");
  };
  const auto mapped = calls("mmap_threshold_bytes=1");
  const auto normal = calls("mmap_threshold_bytes=absent");
  return expect(mapped > 2 * normal + 10,
                count(mapped, "call") + " against " + std::to_string(normal),
                "more than twice as many system calls", "system calls did not rise");
}

Finding maps_split(const Runs& runs) {
  const auto full = runs.grown("mmap_threshold_bytes=1", "allocate", "maps_count");
  const auto maps = runs.grown("mmap_threshold_bytes=1", "free_half", "maps_count");
  const auto blocks = runs.value("mmap_threshold_bytes=1", "allocate", "mmap_calls_count");
  return expect(maps >= blocks / 4,
                count(maps, "map") + " with every second of " + std::to_string(blocks) +
                    " blocks freed, " + std::to_string(full) + " before (neighbours merge)",
                "at least a map for every fourth block", "the mappings merged into few");
}

Finding a_call_per_block(const Runs& runs) {
  const auto calls = runs.value("mmap_threshold_bytes=1", "allocate", "mmap_calls_count");
  const auto blocks = runs.value("mmap_threshold_bytes=1", "allocate", "allocations_count");
  return expect(calls >= blocks, count(calls, "mmap call") + " for " + count(blocks, "block"),
                "a system call for each block", "fewer calls than blocks");
}

Finding sold_retail(const Runs& runs) {
  const auto calls = runs.value("block_bytes=1KiB", "allocate", "brk_calls_count") +
                     runs.value("block_bytes=1KiB", "allocate", "mmap_calls_count");
  const auto blocks = runs.value("block_bytes=1KiB", "allocate", "allocations_count");
  return expect(blocks >= 50 * calls,
                count(blocks, "block") + " for " + count(calls, "system call"),
                "at least 50 blocks of 1 KiB a system call", "memory is bought in small lots");
}

constexpr Predicate kMmap128k[] = {
    {"fresh", "in a fresh heap the boundary is 128 KiB", "mmap_threshold",
     "history=fresh mmap_threshold_bytes=absent search=boundary", "a header of 32 bytes",
     judged<fresh_boundary>},
    {"after_small", "after one small block the boundary is the same", "mmap_threshold",
     "history=small mmap_threshold_bytes=absent search=boundary", "a header of 32 bytes",
     judged<boundary_after_small>},
    {"room_at_top", "with free room at the top of the heap the boundary is the same",
     "mmap_threshold", "history=freed_top mmap_threshold_bytes=absent search=boundary",
     "a header of 32 bytes", judged<boundary_with_room_at_top>},
    {"smaller", "a smaller request is served by brk", "mmap_threshold",
     "request_bytes=120KiB history=fresh mmap_threshold_bytes=absent", "exact",
     judged<smaller_by_brk>},
};
constexpr Claim mmap_128k{"mmap-128k",
                          "threshold",
                          "A request of at least 128 KiB is served by mmap, a smaller one by brk.",
                          "the notes; mallopt(3)",
                          "any",
                          "glibc",
                          kMmap128k};
LAB_REGISTER_CLAIM(mmap_128k);

constexpr Predicate kTunable[] = {
    {"to_64_kib", "set to 64 KiB, the boundary is there", "mmap_threshold",
     "history=fresh mmap_threshold_bytes=64KiB search=boundary", "a header of 32 bytes",
     judged<moved_to_64_kib>},
    {"to_1_mib", "set to 1 MiB, the boundary is there", "mmap_threshold",
     "history=fresh mmap_threshold_bytes=1MiB search=boundary", "a header of 32 bytes",
     judged<moved_to_1_mib>},
};
constexpr Claim threshold_tunable{"threshold-tunable",
                                  "threshold",
                                  "M_MMAP_THRESHOLD moves the boundary between brk and mmap.",
                                  "the notes; mallopt(3)",
                                  "any",
                                  "glibc",
                                  kTunable};
LAB_REGISTER_CLAIM(threshold_tunable);

constexpr Predicate kFixed[] = {
    {"boundary", "after a mapped block of 1 MiB was freed the boundary is still 128 KiB",
     "dynamic_threshold", "freed_bytes=1MiB mmap_threshold_bytes=absent search=risen_boundary",
     "a header of 32 bytes", judged<boundary_after_free>},
    {"same_size", "a freed size is mapped again when it is asked for again", "dynamic_threshold",
     "request_bytes=same mmap_threshold_bytes=absent search=end_of_rise", "exact",
     judged<rise_without_end>},
};
constexpr Claim threshold_fixed{"threshold-fixed",
                                "threshold",
                                "The boundary is fixed at 128 KiB for the life of the process.",
                                "the notes; many blogs",
                                "any",
                                "glibc",
                                kFixed};
LAB_REGISTER_CLAIM(threshold_fixed);

constexpr Predicate kFreeReturns[] = {
    {"munmap", "free calls munmap", "mmap_threshold",
     "request_bytes=1MiB history=fresh mmap_threshold_bytes=absent", "exact", judged<free_unmaps>},
    {"resident", "its memory is no longer resident after free", "mmap_threshold",
     "request_bytes=1MiB history=fresh mmap_threshold_bytes=absent", "64 KiB",
     judged<free_returns>},
};
constexpr Claim mmap_free_returns{
    "mmap-free-returns", "threshold", "Freeing an mmapped block returns its memory at once.",
    "the notes",         "any",       "all",
    kFreeReturns};
LAB_REGISTER_CLAIM(mmap_free_returns);

constexpr Predicate kAllMmap[] = {
    {"faults", "it costs more page faults", "all_mmap",
     "block_bytes=1KiB mmap_threshold_bytes=absent,1", "factor 2", judged<all_mapped_faults>},
    {"calls", "it costs more system calls", "all_mmap",
     "block_bytes=1KiB mmap_threshold_bytes=absent,1", "factor 2", judged<all_mapped_calls>},
};
constexpr Claim all_mmap_slow{
    "all-mmap-slow",
    "threshold",
    "Using mmap for everything would cost more system calls and page faults.",
    "the notes",
    "any",
    "glibc",
    kAllMmap};
LAB_REGISTER_CLAIM(all_mmap_slow);

constexpr Predicate kSplits[] = {
    {"maps", "the address space is split into many mappings", "all_mmap",
     "block_bytes=1KiB mmap_threshold_bytes=1", "a map for every fourth block", judged<maps_split>},
    {"load", "the kernel is called for every block", "all_mmap",
     "block_bytes=1KiB mmap_threshold_bytes=1", "exact", judged<a_call_per_block>},
};
constexpr Claim small_mmap_splits{
    "small-mmap-splits",
    "threshold",
    "Serving small blocks with mmap splits the address space and loads the kernel.",
    "the notes",
    "any",
    "glibc",
    kSplits};
LAB_REGISTER_CLAIM(small_mmap_splits);

constexpr Predicate kWholesale[] = {
    {"blocks_per_call", "many small blocks cost few system calls", "brk_wholesale",
     "block_bytes=1KiB top_pad_bytes=absent", "at least 50 blocks of 1 KiB a call",
     judged<sold_retail>},
};
constexpr Claim brk_wholesale{
    "brk-wholesale",
    "threshold",
    "malloc buys from the kernel wholesale and sells retail: small blocks cost few system calls.",
    "the notes",
    "any",
    "all",
    kWholesale};
LAB_REGISTER_CLAIM(brk_wholesale);

}  // namespace
}  // namespace lab::claims
