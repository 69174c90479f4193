#include "harness/sample/snapshot.h"

namespace lab {

std::optional<std::int64_t> across(const Metric& metric, std::optional<std::int64_t> before,
                                   std::optional<std::int64_t> after) {
  if (metric.kind != MetricKind::counter || !after) return after;
  if (!before) return std::nullopt;
  return *after - *before;
}

Snapshot phase_between(const Snapshot& before, const Snapshot& after) {
  constexpr int kUser = index_of("user_ns");
  constexpr int kKernel = index_of("kernel_ns");
  Snapshot phase;
  int index = 0;
  for (const Metric& metric : sampled_metrics()) {
    const auto value = across(metric, before.get(index), after.get(index));
    if (value) phase.set(index, *value);
    ++index;
  }
  if (phase.get(kUser).value_or(0) + phase.get(kKernel).value_or(0) < kTickSplitFloorNs) {
    phase.erase(kUser);
    phase.erase(kKernel);
  }
  return phase;
}

}  // namespace lab
