// LLVM's hardened allocator: checksummed headers, random order, optional quarantine. Exact usable
// sizes. Needs a very large address range, so it cannot run under valgrind or RLIMIT_AS.
#include <malloc.h>

#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {
    "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-*.so"};

constexpr KnobRule kKnobs[] = {
    {"purge_delay_ms", "SCUDO_OPTIONS", "release_to_os_interval_ms={}"},
    {"quarantine_bytes", "SCUDO_OPTIONS", "quarantine_size_kb={}", ":", 1 << 10},
    {"quarantine_bytes", "SCUDO_OPTIONS", "thread_local_quarantine_size_kb=64"},
    {"quarantine_bytes", "SCUDO_OPTIONS", "quarantine_max_chunk_size=65536"},
};

// Its own mallopt and mallinfo2 replace libc's, with options of its own.
constexpr int kPurge = -101, kPurgeAll = -104;

bool release() {
  static auto* const option = symbol<int(int, int)>("mallopt");
  return option(kPurgeAll, 0) == 1 || option(kPurge, 0) == 1;
}

bool statistics(StatisticsSink& sink) {
  static auto* const ask = symbol<struct mallinfo2()>("mallinfo2");
  if (ask == nullptr) return false;
  const struct mallinfo2 info = ask();
  sink.put("allocator_live_bytes", static_cast<std::int64_t>(info.uordblks));
  sink.put("allocator_free_bytes", static_cast<std::int64_t>(info.fordblks));
  sink.put("allocator_mapped_bytes", static_cast<std::int64_t>(info.hblkhd));
  return true;
}

constexpr Allocator scudo{
    .name = "scudo",
    .summary = "LLVM's hardened allocator: checksummed headers, random order, quarantine",
    .libraries = kLibraries,
    .package = "libclang-rt-14-dev or later",
    .knobs = kKnobs,
    .release = release,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(scudo);

}  // namespace
}  // namespace lab
