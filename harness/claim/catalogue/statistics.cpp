// Claims about what the allocator's own reports count.
#include <algorithm>
#include <cstdlib>

#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kHoles = 100;

Finding counts_holes(const Runs& runs, std::string_view where, std::string_view field) {
  const auto more = runs.change(where, "fill", "make_holes", field);
  return expect(more >= kHoles / 2,
                std::string(field) + " rose by " + std::to_string(more) + " for 100 holes",
                "at least 50 more", "holes of this size are counted elsewhere");
}

Finding fsmblks_counts_small(const Runs& runs) {
  const auto more = runs.change("hole_bytes=40", "fill", "make_holes", "glibc_fsmblks_bytes");
  return expect(more >= kHoles / 2 * 40, bytes(more) + " more for 100 holes of 40 B",
                "at least half of their bytes", "small holes are counted elsewhere");
}
Finding smblks_counts_middle(const Runs& runs) {
  return counts_holes(runs, "hole_bytes=400", "glibc_smblks_count");
}
Finding ordblks_counts_large(const Runs& runs) {
  return counts_holes(runs, "hole_bytes=2000", "glibc_ordblks_count");
}

Finding agree(const Runs& runs, std::string_view what) {
  const auto field = [&](std::string_view report) {
    return runs.value("", "thread_blocks", std::string(report) + std::string(what));
  };
  const std::int64_t values[] = {field("mallinfo"), field("malloc_info"), field("malloc_stats")};
  const auto [least, most] = std::minmax_element(std::begin(values), std::end(values));
  return expect(*most - *least <= 1024,
                "mallinfo2 " + bytes(values[0]) + ", malloc_info " + bytes(values[1]) +
                    ", malloc_stats " + bytes(values[2]),
                "the same within 1 KiB", "they count different things");
}
Finding agree_in_use(const Runs& runs) { return agree(runs, "_in_use_bytes"); }
Finding agree_system(const Runs& runs) { return agree(runs, "_system_bytes"); }

Finding other_arenas_missing(const Runs& runs) {
  const auto seen = runs.change("", "main_blocks", "thread_blocks", "mallinfo_in_use_bytes");
  const auto asked = runs.change("", "main_blocks", "thread_blocks", "live_bytes");
  return expect(seen <= asked / 10,
                bytes(seen) + " more in use after other threads took " + bytes(asked),
                "at most a tenth of it", "all arenas are counted");
}

// How many freed blocks of a case are still counted as in use.
std::int64_t hidden_blocks(const Runs& runs, std::string_view where) {
  constexpr std::string_view kField = "allocator_live_bytes";
  const auto taken = runs.value(where, "allocate", "allocations_count");
  const auto freed = runs.value(where, "free", "frees_count");
  const auto chunk = runs.change(where, "before", "allocate", kField) / taken;
  const auto dropped = -runs.change(where, "allocate", "free", kField) / chunk;
  return freed - dropped;
}

Finding uordblks_is_held(const Runs& runs) {
  const auto hidden = hidden_blocks(runs, "block_bytes=1000");
  return expect(hidden == 0, count(hidden, "freed block") + " of 64 still counted as in use",
                "none", "blocks in the thread cache count as in use");
}

Finding seven_per_size(const Runs& runs) {
  const auto small = hidden_blocks(runs, "block_bytes=24");
  const auto large = hidden_blocks(runs, "block_bytes=1000");
  return expect(small == 7 && large == 7,
                std::to_string(small) + " of 24 B and " + std::to_string(large) + " of 1000 B", "7",
                "the thread cache has another depth here");
}

constexpr Predicate kFragments[] = {
    {"fsmblks", "fsmblks tells of holes up to 80 bytes", "mallinfo_fragments",
     "hole_bytes=40 holes=100", "half", judged<fsmblks_counts_small>},
    {"smblks", "smblks counts holes of 80 to 512 bytes", "mallinfo_fragments",
     "hole_bytes=400 holes=100", "half", judged<smblks_counts_middle>},
    {"ordblks", "ordblks counts holes above 512 bytes", "mallinfo_fragments",
     "hole_bytes=2000 holes=100", "half", judged<ordblks_counts_large>},
};
constexpr Claim mallinfo_fragments{
    "mallinfo-fragments",
    "statistics",
    "fsmblks, smblks and ordblks show free blocks of 0-80, 80-512 and 512-128K bytes.",
    "the notes",
    "any",
    "glibc",
    kFragments};
LAB_REGISTER_CLAIM(mallinfo_fragments);

constexpr Predicate kAgree[] = {
    {"in_use", "bytes in use, with several arenas", "stats_agree", "threads=2 block_bytes=1000",
     "1 KiB", judged<agree_in_use>},
    {"system", "bytes taken from the kernel, with several arenas", "stats_agree",
     "threads=2 block_bytes=1000", "1 KiB", judged<agree_system>},
};
constexpr Claim stats_agree{
    "stats-agree", "statistics", "malloc_stats, mallinfo2 and malloc_info tell the same story.",
    "the notes",   "any",        "glibc",
    kAgree};
LAB_REGISTER_CLAIM(stats_agree);

constexpr Predicate kMainOnly[] = {
    {"threads", "blocks that other threads took are missing", "stats_agree",
     "threads=2 block_bytes=1000", "a tenth", judged<other_arenas_missing>},
};
constexpr Claim mallinfo_main_only{"mallinfo-main-only",
                                   "statistics",
                                   "mallinfo covers the main arena only.",
                                   "mallinfo(3)",
                                   "mallinfo2: glibc 2.33 and later",
                                   "glibc",
                                   kMainOnly};
LAB_REGISTER_CLAIM(mallinfo_main_only);

constexpr Predicate kUordblks[] = {
    {"freed", "a freed block is no longer counted", "thread_cache_depth",
     "block_bytes=1000 blocks=64 thread_cache_count=absent", "exact", judged<uordblks_is_held>},
};
constexpr Claim uordblks_in_use{
    "uordblks-in-use",  "statistics", "mallinfo2.uordblks is what the program holds.",
    "the glibc manual", "any",        "glibc",
    kUordblks};
LAB_REGISTER_CLAIM(uordblks_in_use);

constexpr Predicate kDepth[] = {
    {"depth", "of 64 freed blocks of one size, 7 stay in it", "thread_cache_depth",
     "block_bytes=24,1000 blocks=64 thread_cache_count=absent", "exact", judged<seven_per_size>},
};
constexpr Claim tcache_depth{"tcache-depth",
                             "statistics",
                             "The thread cache holds 7 blocks per size.",
                             "the glibc manual",
                             "glibc 2.26 and later",
                             "glibc",
                             kDepth};
LAB_REGISTER_CLAIM(tcache_depth);

}  // namespace
}  // namespace lab::claims
