// The lab's own allocator, built beside it from allocators/reference.
#include "allocators/reference/statistics.h"
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

constexpr Metric kMetrics[] = {
    {"reference_dirty_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "reference_statistics", "free pages that may still be resident"},
    {"reference_direct_bytes", "byte", MetricKind::observed, Better::none, true,
     BlockingKeys::counts, "reference_statistics", "blocks with a mapping of their own"},
};

bool release() {
  static auto* const trim = symbol<int(std::size_t)>("malloc_trim");
  if (trim == nullptr) return false;
  trim(0);
  return true;
}

bool statistics(StatisticsSink& sink) {
  static auto* const ask = symbol<void(reference_totals*)>("reference_statistics");
  if (ask == nullptr) return false;
  static reference_totals totals;  // 3 KiB: too much for a small stack
  ask(&totals);
  const auto put = [&sink](std::string_view metric, std::size_t bytes) {
    sink.put(metric, static_cast<std::int64_t>(bytes));
  };
  put("allocator_live_bytes", totals.block_bytes);
  put("allocator_free_bytes", totals.cached_bytes);
  put("allocator_retained_bytes", totals.retained_bytes);
  put("allocator_mapped_bytes", totals.mapped_bytes);
  put("allocator_metadata_bytes", totals.metadata_bytes);
  put("reference_dirty_bytes", totals.dirty_bytes);
  put("reference_direct_bytes", totals.direct_bytes);
  return true;
}

constexpr Allocator reference{
    .name = "reference",
    .summary = "the lab's own: buddy system, spans, slabs, thread caches; every policy a knob",
    .libraries = kLibraries,
    .knobs = kKnobs,
    .metrics = kMetrics,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(reference);

}  // namespace
}  // namespace lab
