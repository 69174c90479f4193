// The lab's own allocator, built beside it from allocators/reference.
#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"{build}/liballoclab_reference.so"};

constexpr KnobRule kKnobs[] = {
    {"mmap_threshold_bytes", "ALLOCLAB_MMAP_THRESHOLD", "{}"},
    {"trim_threshold_bytes", "ALLOCLAB_TRIM_THRESHOLD", "{}"},
    {"purge_delay_ms", "ALLOCLAB_PURGE_DELAY", "{-1=never|*}"},
    {"thread_cache_bytes", "ALLOCLAB_THREAD_CACHE", "{}"},
    {"memory_source", "ALLOCLAB_SOURCE", "{brk=brk|mmap=mmap}"},
    {"huge_pages", "ALLOCLAB_HUGE_PAGES", "{0=0|1=1}"},
    {"check_level", "ALLOCLAB_CHECK", "{}"},
};

bool release() {
  static auto* const trim = symbol<int(std::size_t)>("malloc_trim");
  return trim != nullptr && (trim(0), true);
}

constexpr Allocator reference{
    .name = "reference",
    .summary = "the lab's own: buddy system, spans, slabs, thread caches; every policy a knob",
    .libraries = kLibraries,
    .knobs = kKnobs,
    .release = release,
};
LAB_REGISTER_ALLOCATOR(reference);

}  // namespace
}  // namespace lab
