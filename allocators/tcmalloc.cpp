// gperftools' minimal tcmalloc (Debian's "tcmalloc"; Google's newer one is another program).
#include <cstdio>

#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"libtcmalloc_minimal.so.4"};

constexpr KnobRule kKnobs[] = {
    {"purge_delay_ms", "TCMALLOC_AGGRESSIVE_DECOMMIT", "{0=true}"},
    {"release_rate", "TCMALLOC_RELEASE_RATE", "{}"},
    {"thread_cache_bytes", "TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES", "{}"},
    {"heap_limit_bytes", "TCMALLOC_HEAP_LIMIT_MB", "{}", ":", 1 << 20},
    {"memory_source", "TCMALLOC_SKIP_SBRK", "{brk=false|mmap=true}"},
    {"memory_source", "TCMALLOC_SKIP_MMAP", "{brk=true|mmap=false}"},
};

std::int64_t property(const char* name) {
  using Get = int(const char*, std::size_t*);
  static Get* const get = symbol<Get>("MallocExtension_GetNumericProperty");
  std::size_t value = 0;
  if (get != nullptr) get(name, &value);
  return static_cast<std::int64_t>(value);
}

bool version(char* text, std::size_t capacity) {
  auto* const ask = symbol<const char*(int*, int*, const char**)>("tc_version");
  int major = 0, minor = 0;
  const char* patch = "";
  return ask != nullptr && std::snprintf(text, capacity, "%s", ask(&major, &minor, &patch)) > 0;
}

bool release() {
  static auto* const flush_thread_cache = symbol<void()>("MallocExtension_MarkThreadIdle");
  static auto* const thread_is_busy = symbol<void()>("MallocExtension_MarkThreadBusy");
  static auto* const release_pages = symbol<void()>("MallocExtension_ReleaseFreeMemory");
  if (!flush_thread_cache || !thread_is_busy || !release_pages) return false;
  flush_thread_cache();
  thread_is_busy();
  release_pages();
  return true;
}

bool statistics(StatisticsSink& sink) {
  const std::int64_t mapped = property("generic.heap_size");
  const std::int64_t unmapped = property("tcmalloc.pageheap_unmapped_bytes");
  const std::int64_t resident = property("generic.total_physical_bytes");
  if (mapped == 0) return false;
  sink.put("allocator_live_bytes", property("generic.current_allocated_bytes"));
  sink.put("allocator_free_bytes", property("tcmalloc.thread_cache_free_bytes") +
                                       property("tcmalloc.transfer_cache_free_bytes") +
                                       property("tcmalloc.central_cache_free_bytes"));
  sink.put("allocator_retained_bytes", property("tcmalloc.pageheap_free_bytes") + unmapped);
  sink.put("allocator_resident_bytes", resident);
  sink.put("allocator_mapped_bytes", mapped);
  sink.put("allocator_metadata_bytes", resident - (mapped - unmapped));
  return true;
}

constexpr Allocator tcmalloc{
    .name = "tcmalloc",
    .summary = "gperftools': spans of pages, central lists, a thread cache",
    .libraries = kLibraries,
    .package = "libtcmalloc-minimal4",
    .knobs = kKnobs,
    .version = version,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(tcmalloc);

}  // namespace
}  // namespace lab
