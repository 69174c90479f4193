// mimalloc: free lists sharded by page, in segments owned by threads. Settings that were renamed
// between 2.0 and 3 are passed under both names; it ignores those it does not know.
#include <cstdio>

#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"libmimalloc.so.3", "libmimalloc.so.2"};

constexpr KnobRule kKnobs[] = {
    {"purge_delay_ms", "MIMALLOC_PURGE_DELAY", "{}"},
    {"purge_delay_ms", "MIMALLOC_DECOMMIT_DELAY", "{}"},
    {"purge_delay_ms", "MIMALLOC_SEGMENT_DECOMMIT_DELAY", "{}"},
    {"purge_delay_ms", "MIMALLOC_ALLOW_DECOMMIT", "{-1=0|*=1}"},
    {"huge_pages", "MIMALLOC_LARGE_OS_PAGES", "{0=0|1=1}"},
    {"huge_pages", "MIMALLOC_ALLOW_LARGE_OS_PAGES", "{0=0|1=1}"},
};

// 209 is 2.0.9; from 3.2 on two digits each: 30206 is 3.2.6.
bool version(char* text, std::size_t capacity) {
  auto* const ask = symbol<int()>("mi_version");
  if (ask == nullptr) return false;
  const int number = ask(), base = number < 10000 ? 10 : 100;
  return std::snprintf(text, capacity, "%d.%d.%d", number / (base * base), number / base % base,
                       number % base) > 0;
}

bool release() {
  static auto* const collect = symbol<void(bool)>("mi_collect");
  if (collect == nullptr) return false;
  collect(true);
  return true;
}

// What it committed and did not decommit is all that a release build counts.
bool statistics(StatisticsSink& sink) {
  using Size = std::size_t*;
  using ProcessInfo = void(Size, Size, Size, Size, Size, Size, Size, Size);
  static ProcessInfo* const ask = symbol<ProcessInfo>("mi_process_info");
  if (ask == nullptr) return false;
  std::size_t committed = 0, other = 0;
  ask(&other, &other, &other, &other, &other, &committed, &other, &other);
  sink.put("allocator_mapped_bytes", static_cast<std::int64_t>(committed));
  return true;
}

constexpr Allocator mimalloc{
    .name = "mimalloc",
    .summary = "free lists sharded by page, segments owned by threads",
    .libraries = kLibraries,
    .package = "libmimalloc3 or libmimalloc2.0",
    .knobs = kKnobs,
    .version = version,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(mimalloc);

}  // namespace
}  // namespace lab
