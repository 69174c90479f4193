// Every metric the lab can sample: one row each, index = position. The single place that names
// them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "harness/sample/event_metrics.h"
#include "harness/sample/process_metrics.h"
#include "harness/sample/system_metrics.h"

namespace lab {

template <std::size_t... Sizes>
consteval auto joined(const Metric (&... tables)[Sizes]) {
  std::array<Metric, (Sizes + ...)> all{};
  std::size_t next = 0;
  const auto append = [&](std::span<const Metric> table) {
    for (const Metric& metric : table) all[next++] = metric;
  };
  (append(tables), ...);
  return all;
}

inline constexpr auto kSampledMetrics =
    joined(kChildMetrics, kMemoryMetrics, kEventMetrics, kSystemMetrics, kCgroupMetrics);

constexpr std::span<const Metric> sampled_metrics() { return kSampledMetrics; }

// Returns the row of `name`, or -1 when no sampled metric is called so.
constexpr int sampled_index(std::string_view name) {
  for (std::size_t i = 0; i < kSampledMetrics.size(); ++i)
    if (kSampledMetrics[i].name == name) return static_cast<int>(i);
  return -1;
}

// The same at compile time; an unknown name does not compile.
consteval int index_of(std::string_view name) {
  const int index = sampled_index(name);
  if (index < 0) throw "no sampled metric has this name";
  return index;
}

}  // namespace lab
