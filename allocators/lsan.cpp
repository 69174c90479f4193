// LeakSanitizer in an allocator's place: no subject of the lab, but a leak checker that can be asked
// while a program runs. Needs ptrace of its own process.
#include "harness/contract/allocator.h"

namespace lab {
namespace {

constexpr std::string_view kLibraries[] = {"liblsan.so.0"};

constexpr Metric kMetrics[] = {
    {"leak_reports_count", "count", MetricKind::observed, Better::none, true, BlockingKeys::counts,
     "__lsan_do_recoverable_leak_check", "1 when the leak checker saw blocks that nothing points to"},
};

bool statistics(StatisticsSink& sink) {
  static auto* const check = symbol<int()>("__lsan_do_recoverable_leak_check");
  if (check == nullptr) return false;
  sink.put("leak_reports_count", check());
  return true;
}

constexpr Allocator lsan{
    .name = "lsan",
    .summary = "LeakSanitizer, a leak checker: told apart from allocators, runs where it is named",
    .libraries = kLibraries,
    .package = "liblsan0",
    .metrics = kMetrics,
    .role = AllocatorRole::checker,
    .statistics = statistics,
};
LAB_REGISTER_ALLOCATOR(lsan);

}  // namespace
}  // namespace lab
