// Claims about single blocks: what is in them, how much room they take, how they grow.
#include <algorithm>

#include "harness/claim/catalogue/judging.h"
#include "harness/contract/point.h"

namespace lab::claims {
namespace {

Finding malloc_shows_old_bytes(const Runs& runs) {
  std::int64_t most = 0;
  for (const auto where : {"block_bytes=64", "block_bytes=64KiB"})
    most = std::max(most, runs.value(where, "malloc", "nonzero_bytes"));
  return expect(most > 0, count(most, "old byte") + " seen in what malloc returned",
                "old bytes in recycled blocks", "malloc returned zeroes only");
}

Finding calloc_is_zero(const Runs& runs) {
  std::int64_t dirty = 0;
  for (const auto where : {"block_bytes=64", "block_bytes=64KiB"})
    dirty += runs.value(where, "calloc", "nonzero_bytes");
  return expect(dirty == 0, count(dirty, "byte") + " not zero in what calloc returned", "none",
                "calloc returned old bytes");
}

Finding realloc_keeps(const Runs& runs) {
  std::int64_t lost = 0;
  for (const auto where : {"block_bytes=64", "block_bytes=64KiB"})
    lost += runs.value(where, "realloc", "lost_bytes");
  return expect(lost == 0, count(lost, "byte") + " lost by realloc", "none",
                "realloc lost content");
}

Finding growth_copies(const Runs& runs) {
  const auto faults = runs.value("", "grow", "minor_faults_count");
  const auto pages = runs.change("", "allocate", "grow", "live_bytes") / 4096;
  const auto moved = runs.value("", "grow", "mremap_calls_count");
  return expect(faults >= pages * 3 / 2,
                count(faults, "fault") + " for " + count(pages, "new page") + ", " +
                    count(moved, "mremap call"),
                "a fault for each page of the copy too",
                "the pages were kept: moved with mremap, or there was room to grow");
}

Finding smallest_is_16(const Runs& runs) {
  std::int64_t smallest = INT64_MAX, of = 0;
  for (const RunView* run : runs.all("")) {
    const auto distance = run->value("allocate", "distance_bytes");
    if (!distance || *distance >= smallest) continue;
    smallest = *distance;
    of = number_from(run->param("request_bytes")).value_or(0);
  }
  if (smallest == INT64_MAX) throw Missing{Verdict::not_testable, "no distance was measured"};
  return expect(smallest == 16,
                "neighbours lie " + bytes(smallest) + " apart, for " + bytes(of) + " asked", "16 B",
                "the smallest block takes another size");
}

Finding all_aligned(const Runs& runs) {
  std::int64_t least = INT64_MAX, of = 0;
  for (const RunView* run : runs.all("")) {
    const auto alignment = run->value("allocate", "alignment_bytes");
    if (!alignment || *alignment >= least) continue;
    least = *alignment;
    of = number_from(run->param("request_bytes")).value_or(0);
  }
  if (least == INT64_MAX) throw Missing{Verdict::not_testable, "no alignment was measured"};
  return expect(least >= 16,
                "aligned to " + bytes(least) + " at least, for " + bytes(of) + " asked",
                "16 B for every size", "small blocks are packed more tightly");
}

constexpr Predicate kCallocZeroes[] = {
    {"malloc", "malloc gives whatever was there", "content", "block_bytes=64,64KiB", "any byte",
     judged<malloc_shows_old_bytes>},
    {"calloc", "calloc gives zeroes", "content", "block_bytes=64,64KiB", "exact",
     judged<calloc_is_zero>},
    {"realloc", "realloc keeps the content", "content", "block_bytes=64,64KiB", "exact",
     judged<realloc_keeps>},
};
constexpr Claim calloc_zeroes{
    "calloc-zeroes",
    "blocks",
    "malloc gives whatever was there, calloc gives zeroes, realloc keeps the content.",
    "the notes",
    "any",
    "all",
    kCallocZeroes};
LAB_REGISTER_CLAIM(calloc_zeroes);

constexpr Predicate kReallocCopies[] = {
    {"faults", "growing from 16 to 32 MiB faults for the copied pages too", "realloc_growth",
     "from_bytes=16MiB steps=1", "half of the pages", judged<growth_copies>},
};
constexpr Claim realloc_copies{
    "realloc-copies", "blocks", "Growing a large block with realloc copies it.",
    "folklore",       "any",    "all",
    kReallocCopies};
LAB_REGISTER_CLAIM(realloc_copies);

constexpr Predicate kMinChunk[] = {
    {"distance", "two neighbours of the smallest size", "min_chunk",
     "request_bytes=0,1,8,12,16,24,25,32,40,41,48,64", "exact", judged<smallest_is_16>},
};
constexpr Claim min_chunk_16{
    "min-chunk-16", "blocks", "The smallest block that is handed out takes 16 bytes.",
    "the notes",    "any",    "all",
    kMinChunk};
LAB_REGISTER_CLAIM(min_chunk_16);

constexpr Predicate kAligned[] = {
    {"small_sizes", "for all sizes from 0 to 64 bytes", "min_chunk",
     "request_bytes=0,1,8,12,16,24,25,32,40,41,48,64", "exact", judged<all_aligned>},
};
constexpr Claim aligned_16{
    "aligned-16", "blocks",         "malloc results are aligned to 16 bytes.",
    "malloc(3)",  "64-bit systems", "all",
    kAligned};
LAB_REGISTER_CLAIM(aligned_16);

}  // namespace
}  // namespace lab::claims
