// Claims about the machine's memory as a whole: free, available, caches, kernel objects. Other
// programs move the same numbers, so judges compare numbers of one snapshot with each other where
// they can.
#include <cstdlib>

#include "harness/claim/catalogue/judging.h"

namespace lab::claims {
namespace {

constexpr std::int64_t kStepBytes = 128 << 20;

// How a sum of meminfo fields moved against MemAvailable between two phases.
std::int64_t against_available(const Runs& runs, std::string_view from, std::string_view to,
                               std::initializer_list<std::string_view> fields) {
  std::int64_t sum = 0;
  for (const auto field : fields) sum += runs.change("", from, to, field);
  return sum - runs.change("", from, to, "system_mem_available_bytes");
}

Finding available_is_total_less_used(const Runs& runs) {
  const auto apart = against_available(runs, "evict_file", "read_file", {"system_mem_free_bytes"});
  return expect(std::abs(apart) <= kStepBytes / 2,
                "reading 128 MiB of a file took them from free, " + bytes(-apart) +
                    " of that not from available",
                "available falls as used grows",
                "page cache counts as used, yet it can be had at once");
}

Finding free_sum_with_cache(const Runs& runs) {
  const auto apart =
      against_available(runs, "evict_file", "read_file",
                        {"system_mem_free_bytes", "system_buffers_bytes", "system_cached_bytes"});
  return expect(std::abs(apart) <= kStepBytes / 2,
                "they moved " + bytes(apart) + " apart when 128 MiB of a file were cached",
                "both stay", "the page cache is not all available");
}

Finding free_sum_with_shared(const Runs& runs) {
  const auto apart =
      against_available(runs, "read_file", "write_shared",
                        {"system_mem_free_bytes", "system_buffers_bytes", "system_cached_bytes"});
  return expect(std::abs(apart) <= kStepBytes / 2,
                "they moved " + bytes(apart) + " apart when 128 MiB of shared memory were written",
                "both fall", "shared memory counts as cached but cannot be dropped");
}

Finding files_are_cached(const Runs& runs) {
  const auto written = runs.grown("", "write_file", "system_cached_bytes");
  const auto read = runs.change("", "evict_file", "read_file", "system_cached_bytes");
  const auto buffers = runs.change("", "evict_file", "read_file", "system_buffers_bytes");
  return expect(written >= kStepBytes / 2 && read >= kStepBytes / 2 && buffers <= kStepBytes / 8,
                "writing added " + bytes(written) + " to cached, reading " + bytes(read) + " and " +
                    bytes(buffers) + " to buffers",
                "128 MiB of cache each time, no buffers", "files went elsewhere");
}

Finding devices_are_buffered(const Runs& runs) {
  const auto buffers = runs.grown("", "read_device", "system_buffers_bytes");
  return expect(buffers >= kStepBytes / 2,
                bytes(buffers) + " of buffers after reading 128 MiB of a block device", "128 MiB",
                "the device's blocks went elsewhere");
}

Finding second_read_is_cached(const Runs& runs) {
  const auto asked = runs.value("", "second_read", "read_chars_bytes");
  const auto first = runs.value("", "first_read", "read_bytes");
  const auto second = runs.value("", "second_read", "read_bytes");
  return expect(first > 0 && second == 0,
                "of " + bytes(asked) + ", storage gave " + bytes(first) + " the first time, " +
                    bytes(second) + " the second",
                "nothing from storage the second time", "the file was read again");
}

Finding cachestat_knows(const Runs& runs) {
  const auto evicted = runs.value("", "evict", "cached_pages_count");
  const auto cached = runs.value("", "first_read", "cached_pages_count");
  const auto pages = runs.value("", "write", "cached_pages_count");
  return expect(evicted == 0 && cached == pages && pages > 0,
                count(evicted, "page") + " cached before the first read, " +
                    std::to_string(cached) + " after, of " + std::to_string(pages),
                "none, then all", "the page cache did not keep the file");
}

Finding hits_per_process(const Runs& runs) {
  const auto hits = [&](std::string_view phase) {
    return runs.value("", phase, "read_chars_bytes") - runs.value("", phase, "read_bytes");
  };
  const auto asked = runs.value("", "second_read", "read_chars_bytes");
  const auto first = hits("first_read"), second = hits("second_read");
  return expect(first <= asked / 10 && second >= asked * 9 / 10,
                "asked less fetched: " + bytes(first) + " at the first read, " + bytes(second) +
                    " at the second",
                "misses, then hits", "the process's counters do not tell them apart");
}

// Each CPU keeps freed pages on a list of its own, up to an eighth of memory in all, before the
// buddy system sees them again: the touch must be larger than that.
Finding pages_from_free_lists(const Runs& runs) {
  constexpr std::int64_t kTouchedBytes = 2LL << 30;
  std::int64_t taken = 0;
  for (int order = 0; order <= 10; ++order) {
    const std::string field = "system_free_order_" + std::to_string(order) + "_count";
    taken -= runs.grown("", "touch", field) << order;
  }
  taken *= 4096;
  return expect(taken >= kTouchedBytes / 4,
                bytes(taken) + " of 2 GiB touched were taken from the buddy lists",
                "at least a quarter", "the pages came from elsewhere: from the lists of each CPU");
}

Finding objects_from_slab(const Runs& runs) {
  const auto slab = runs.change("", "unmap", "split", "system_slab_vm_area_bytes");
  const auto maps = runs.change("", "unmap", "split", "maps_count");
  return expect(maps > 0 && slab >= maps * 64,
                bytes(slab) + " of slab for " + count(maps, "new mapping"),
                "at least 64 B a mapping", "mappings are not taken from slab caches");
}

constexpr Predicate kTotalMinusUsed[] = {
    {"page_cache", "when the page cache grows", "system_memory", "", "half of 128 MiB",
     judged<available_is_total_less_used>},
};
constexpr Claim available_total_minus_used{"available-total-minus-used",
                                           "system",
                                           "Available memory is total less used memory.",
                                           "the notes",
                                           "any",
                                           "",
                                           kTotalMinusUsed};
LAB_REGISTER_CLAIM(available_total_minus_used);

constexpr Predicate kFreeAvailable[] = {
    {"page_cache", "when the page cache grows", "system_memory", "", "half of 128 MiB",
     judged<free_sum_with_cache>},
    {"shared_memory", "when shared memory grows", "system_memory", "", "half of 128 MiB",
     judged<free_sum_with_shared>},
};
constexpr Claim free_available{
    "free-available", "system", "Available memory is free + buffers + cached.",
    "the notes",      "any",    "",
    kFreeAvailable};
LAB_REGISTER_CLAIM(free_available);

constexpr Predicate kBuffers[] = {
    {"files", "cache is for files, reading and writing alike", "system_memory", "",
     "half of 128 MiB", judged<files_are_cached>},
    {"devices", "buffers are for raw disk blocks", "block_device", "", "half of 128 MiB",
     judged<devices_are_buffered>},
};
constexpr Claim buffers_vs_cache{
    "buffers-vs-cache",
    "system",
    "Buffers are for raw disk blocks, cache for files, reading and writing alike.",
    "the notes",
    "any",
    "",
    kBuffers};
LAB_REGISTER_CLAIM(buffers_vs_cache);

constexpr Predicate kCacheHit[] = {
    {"storage", "the second read fetches nothing from storage", "page_cache", "", "exact",
     judged<second_read_is_cached>},
    {"cachestat", "cachestat sees the pages arrive", "page_cache", "", "exact",
     judged<cachestat_knows>},
};
constexpr Claim page_cache_hit{"page-cache-hit",
                               "system",
                               "A file read a second time comes from the page cache.",
                               "the notes, of cachestat",
                               "any",
                               "",
                               kCacheHit};
LAB_REGISTER_CLAIM(page_cache_hit);

constexpr Predicate kPerProcess[] = {
    {"counters", "bytes asked less bytes fetched tell hits from misses", "page_cache", "",
     "a tenth", judged<hits_per_process>},
};
constexpr Claim cache_per_process{"cache-per-process",
                                  "system",
                                  "Page-cache hits can be told per process.",
                                  "the notes, of cachetop",
                                  "any",
                                  "",
                                  kPerProcess};
LAB_REGISTER_CLAIM(cache_per_process);

constexpr Predicate kBuddySlab[] = {
    {"buddy", "touched pages are taken from the lists of the buddy system", "kernel_objects",
     "touched_bytes=2GiB", "a quarter of 2 GiB", judged<pages_from_free_lists>},
    {"slab", "mappings take room in their slab cache", "kernel_objects", "touched_bytes=2GiB",
     "64 B an object", judged<objects_from_slab>},
};
constexpr Claim buddy_slab{
    "buddy-slab",
    "system",
    "Physical pages come from the buddy system, kernel objects from slab caches.",
    "the notes",
    "any",
    "",
    kBuddySlab};
LAB_REGISTER_CLAIM(buddy_slab);

}  // namespace
}  // namespace lab::claims
