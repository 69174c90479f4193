// glibc's malloc: part of every process, so nothing is preloaded.
#include <gnu/libc-version.h>
#include <malloc.h>

#include <cstdio>

#include "allocators/glibc/reports.h"

namespace lab {
namespace {

constexpr KnobRule kKnobs[] = {
    {"mmap_threshold_bytes", "GLIBC_TUNABLES", "glibc.malloc.mmap_threshold={}"},
    {"trim_threshold_bytes", "GLIBC_TUNABLES", "glibc.malloc.trim_threshold={}"},
    {"top_pad_bytes", "GLIBC_TUNABLES", "glibc.malloc.top_pad={}"},
    {"mmap_max_count", "GLIBC_TUNABLES", "glibc.malloc.mmap_max={}"},
    {"arena_max_count", "GLIBC_TUNABLES", "glibc.malloc.arena_max={}"},
    {"thread_cache_count", "GLIBC_TUNABLES", "glibc.malloc.tcache_count={}"},
    {"thread_cache_max_block_bytes", "GLIBC_TUNABLES", "glibc.malloc.tcache_max={}"},
    {"fast_bin_max_bytes", "GLIBC_TUNABLES", "glibc.malloc.mxfast={}"},
    {"huge_pages", "GLIBC_TUNABLES", "glibc.malloc.hugetlb={0=0|1=1}"},
};

bool version(char* text, std::size_t capacity) {
  return std::snprintf(text, capacity, "%s", gnu_get_libc_version()) > 0;
}

bool release() { return malloc_trim(0), true; }

bool statistics(StatisticsSink& sink) { return glibc_reports::put_all(sink), true; }

constexpr Allocator glibc{
    .name = "glibc",
    .summary = "ptmalloc: arenas of bins, a thread cache, brk and mmap",
    .package = "libc6",
    .knobs = kKnobs,
    .metrics = glibc_reports::kMetrics,
    .version = version,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(glibc);

}  // namespace
}  // namespace lab
