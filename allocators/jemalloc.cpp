// jemalloc: slabs and extents in arenas, a thread cache, purging by decay.
#include <cstdio>

#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"libjemalloc.so.2"};

constexpr KnobRule kKnobs[] = {
    {"purge_delay_ms", "MALLOC_CONF", "dirty_decay_ms:{}", ","},
    {"purge_delay_ms", "MALLOC_CONF", "muzzy_decay_ms:{}", ","},
    {"background_thread", "MALLOC_CONF", "background_thread:{0=false|1=true}", ","},
    {"arena_max_count", "MALLOC_CONF", "narenas:{}", ","},
    {"thread_cache_count", "MALLOC_CONF", "tcache:{0=false}", ","},
    {"thread_cache_max_block_bytes", "MALLOC_CONF", "tcache_max:{}", ","},
    {"large_threshold_bytes", "MALLOC_CONF", "oversize_threshold:{}", ","},
    {"keep_address_space", "MALLOC_CONF", "retain:{0=false|1=true}", ","},
    {"memory_source", "MALLOC_CONF", "dss:{brk=primary|mmap=disabled}", ","},
    {"huge_pages", "MALLOC_CONF", "thp:{0=never|1=always}", ","},
};

constexpr Metric own(std::string_view name, std::string_view meaning) {
  return {name,      "byte", MetricKind::observed, Better::none, true, BlockingKeys::counts,
          "mallctl", meaning};
}
constexpr Metric kMetrics[] = {
    own("jemalloc_active_bytes", "stats.active: pages with at least one block"),
    own("jemalloc_dirty_bytes", "pdirty: free pages not purged"),
    own("jemalloc_muzzy_bytes", "pmuzzy: free pages purged lazily"),
    own("jemalloc_retained_bytes", "stats.retained: address space kept without memory"),
    own("jemalloc_thread_cache_bytes", "tcache_bytes: free blocks in thread caches"),
};

// Reads or writes an entry of jemalloc's control tree; 4096 there means all arenas together.
template <class T>
bool control(const char* name, T* read, T* write = nullptr) {
  using Mallctl = int(const char*, void*, std::size_t*, void*, std::size_t);
  static Mallctl* const mallctl = symbol<Mallctl>("mallctl");
  std::size_t bytes = sizeof(T);
  return mallctl && mallctl(name, read, read ? &bytes : nullptr, write, write ? bytes : 0) == 0;
}

std::int64_t number(const char* name) {
  std::size_t value = 0;
  control(name, &value);
  return static_cast<std::int64_t>(value);
}

bool version(char* text, std::size_t capacity) {
  const char* name = nullptr;
  return control("version", &name) && std::snprintf(text, capacity, "%s", name) > 0;
}

bool release() {
  control<char>("thread.tcache.flush", nullptr);  // fails when the thread has no cache: no matter
  return control<char>("arena.4096.purge", nullptr);
}

bool statistics(StatisticsSink& sink) {
  std::uint64_t epoch = 1;
  if (!control("epoch", &epoch, &epoch)) return false;
  const std::int64_t page_bytes = number("arenas.page");
  const std::int64_t allocated = number("stats.allocated"), active = number("stats.active");
  const std::int64_t cached = number("stats.arenas.4096.tcache_bytes");
  const std::int64_t dirty = number("stats.arenas.4096.pdirty") * page_bytes;
  const std::int64_t muzzy = number("stats.arenas.4096.pmuzzy") * page_bytes;
  const std::int64_t retained = number("stats.retained");
  sink.put("allocator_live_bytes", allocated - cached);
  sink.put("allocator_free_bytes", active - allocated + cached);
  sink.put("allocator_retained_bytes", dirty + muzzy + retained);
  sink.put("allocator_resident_bytes", number("stats.resident"));
  sink.put("allocator_mapped_bytes", number("stats.mapped"));
  sink.put("allocator_metadata_bytes", number("stats.metadata"));
  const std::int64_t values[] = {active, dirty, muzzy, retained, cached};
  for (std::size_t i = 0; i < std::size(values); ++i) sink.put(kMetrics[i].name, values[i]);
  return true;
}

constexpr Allocator jemalloc{
    .name = "jemalloc",
    .summary = "slabs and extents in arenas, a thread cache, purging by decay",
    .libraries = kLibraries,
    .package = "libjemalloc2",
    .knobs = kKnobs,
    .metrics = kMetrics,
    .version = version,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(jemalloc);

}  // namespace
}  // namespace lab
