// Short forms for what many experiments declare.
#pragma once

#include "harness/contract/experiment.h"

namespace lab {

// The ideal of a phase that should cost or hold nothing.
inline std::int64_t nothing(const Point&, std::int64_t) { return 0; }

// Marks an ideal as exact (see contract/experiment.h).
inline constexpr bool kExact = true;

// The ideal of a phase that makes or holds a fixed number of something.
template <std::int64_t number>
std::int64_t exactly(const Point&, std::int64_t) {
  return number;
}

// A parameter's name as a template argument.
template <std::size_t bytes>
struct ParamName {
  constexpr ParamName(const char (&name)[bytes]) {
    for (std::size_t i = 0; i < bytes; ++i) text[i] = name[i];
  }
  char text[bytes];
};

// The ideal that is a parameter's number, or a fixed multiple of it.
template <ParamName name, std::int64_t factor = 1>
std::int64_t param(const Point& point, std::int64_t) {
  return factor * point.number(name.text);
}

// How many of `count` things have a number that `spacing` divides, counted from 0.
constexpr std::int64_t one_in(std::size_t spacing, std::int64_t count) {
  const auto step = static_cast<std::int64_t>(spacing);
  return (count + step - 1) / step;
}

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
