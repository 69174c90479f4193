// Short forms for what many experiments declare.
#pragma once

#include "harness/contract/experiment.h"

namespace lab {

// The ideal of a phase that should cost or hold nothing.
inline std::int64_t nothing(const Point&, std::int64_t) { return 0; }

// Metrics that a body observes.
constexpr Metric observed(std::string_view name, std::string_view unit, std::string_view meaning,
                          Better better = Better::none) {
  return {name,         unit,   MetricKind::observed, better, true, BlockingKeys::counts,
          "experiment", meaning};
}

// Whole pages that `bytes` need.
constexpr std::int64_t pages_for(std::int64_t bytes, std::int64_t page_bytes) {
  return (bytes + page_bytes - 1) / page_bytes;
}

}  // namespace lab
