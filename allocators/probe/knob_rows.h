// What each knob must visibly change: a scenario is run with the knobs of `base` alone and again
// with `knob` added, and one of its numbers must be lower or higher. A knob without a row fails the
// test.
#pragma once

#include <string_view>

namespace probe {

enum class Effect { lowers, raises };

struct KnobRow {
  std::string_view allocator;
  std::string_view knob;  // "purge_delay_ms=0"
  Effect effect;
  std::string_view measure;
  std::string_view scenario;
  std::string_view bytes;
  std::string_view base = {};
};

struct UntriedKnob {
  std::string_view allocator;
  std::string_view knob;
  std::string_view why;
};

using enum Effect;
inline constexpr KnobRow kKnobRows[] = {
    {"glibc", "mmap_threshold_bytes=64KiB", lowers, "heap_growth_bytes", "places", "100000"},
    {"glibc", "trim_threshold_bytes=1GiB", raises, "freed.rss_anon_bytes", "burst", "65536"},
    {"glibc", "top_pad_bytes=16MiB", raises, "live.vsz_bytes", "places", "1000"},
    {"glibc", "mmap_max_count=0", raises, "heap_growth_bytes", "places", "262144"},
    {"glibc", "arena_max_count=1", lowers, "threads.vsz_bytes", "four_threads", "1000"},
    {"glibc", "thread_cache_count=0", raises, "freed.glibc_fordblks_bytes", "free_ten", "100"},
    {"glibc", "thread_cache_max_block_bytes=400", raises, "freed.glibc_fordblks_bytes", "free_ten",
     "500"},
    {"glibc", "fast_bin_max_bytes=0", lowers, "freed.glibc_fsmblks_bytes", "free_ten", "100"},
    {"glibc", "huge_pages=1", raises, "live.huge_bytes", "burst", "65536"},

    {"jemalloc", "purge_delay_ms=0", lowers, "freed.rss_anon_bytes", "burst", "65536"},
    {"jemalloc", "background_thread=1", raises, "later.threads_count", "own_threads", "65536"},
    {"jemalloc", "arena_max_count=1", lowers, "threads.vsz_bytes", "four_threads", "1000"},
    {"jemalloc", "thread_cache_count=0", lowers, "freed.jemalloc_thread_cache_bytes", "free_ten",
     "1000"},
    {"jemalloc", "thread_cache_max_block_bytes=512", lowers, "freed.jemalloc_thread_cache_bytes",
     "free_ten", "1000"},
    {"jemalloc", "large_threshold_bytes=1MiB", lowers, "freed.rss_anon_bytes", "burst", "2097152"},
    {"jemalloc", "keep_address_space=0", lowers, "freed.vsz_bytes", "burst", "65536",
     "purge_delay_ms=0"},
    {"jemalloc", "memory_source=brk", raises, "heap_growth_bytes", "places", "65536"},
    {"jemalloc", "huge_pages=1", raises, "live.huge_bytes", "burst", "65536"},

    {"tcmalloc", "purge_delay_ms=0", lowers, "freed.rss_anon_bytes", "burst", "65536"},
    {"tcmalloc", "release_rate=0", raises, "later.rss_anon_bytes", "large_churn", "0"},
    {"tcmalloc", "thread_cache_bytes=1MiB", lowers, "freed.allocator_free_bytes", "burst", "1000"},
    {"tcmalloc", "heap_limit_bytes=64MiB", lowers, "blocks", "places", "1048576"},
    {"tcmalloc", "memory_source=mmap", lowers, "heap_growth_bytes", "places", "65536"},

    {"mimalloc", "purge_delay_ms=0", lowers, "freed.rss_anon_bytes", "burst", "65536"},
    {"mimalloc", "huge_pages=1", raises, "live.huge_bytes", "burst", "65536"},

    {"scudo", "purge_delay_ms=0", lowers, "later.rss_anon_bytes", "burst", "20000"},
    {"scudo", "quarantine_bytes=32MiB", raises, "freed.allocator_mapped_bytes", "burst", "20000"},

    {"tbbmalloc", "keep_large_from_bytes=32MiB", raises, "later.rss_anon_bytes", "idle",
     "67108864"},

    {"reference", "mmap_threshold_bytes=64KiB", raises, "live.reference_direct_bytes", "burst",
     "100000"},
    {"reference", "trim_threshold_bytes=1GiB", raises, "freed.rss_anon_bytes", "burst", "65536",
     "purge_delay_ms=0"},
    {"reference", "purge_delay_ms=0", lowers, "freed.rss_anon_bytes", "burst", "65536"},
    {"reference", "thread_cache_bytes=0", lowers, "freed.allocator_free_bytes", "burst", "1000"},
    {"reference", "memory_source=brk", raises, "heap_growth_bytes", "places", "65536"},
    {"reference", "huge_pages=1", raises, "live.huge_bytes", "burst", "65536"},
    {"reference", "check_level=2", raises, "live.rss_anon_bytes", "burst", "1000"},
};

inline constexpr UntriedKnob kUntriedKnobs[] = {
    {"tbbmalloc", "huge_pages", "uses only pages reserved with vm.nr_hugepages"},
};

}  // namespace probe
