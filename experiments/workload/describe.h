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

// A name as a template argument.
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

// The ideal that is the bytes of a parameter's number of pages.
template <ParamName name>
std::int64_t bytes_of_pages(const Point& point, std::int64_t page_bytes) {
  return point.number(name.text) * page_bytes;
}

// Whole pages that `bytes` need.
constexpr std::int64_t pages_for(std::int64_t bytes, std::int64_t page_bytes) {
  return (bytes + page_bytes - 1) / page_bytes;
}

// The ideal that is the whole pages that a parameter's bytes need, in number and in bytes.
template <ParamName name, std::int64_t factor = 1>
std::int64_t pages_spanned(const Point& point, std::int64_t page_bytes) {
  return factor * pages_for(point.number(name.text), page_bytes);
}
template <ParamName name>
std::int64_t bytes_spanned(const Point& point, std::int64_t page_bytes) {
  return pages_spanned<name>(point, page_bytes) * page_bytes;
}

// How many of `count` things have a number that `spacing` divides, counted from 0; none for 0.
constexpr std::int64_t one_in(std::size_t spacing, std::int64_t count) {
  if (spacing == 0) return 0;
  const auto step = static_cast<std::int64_t>(spacing);
  return (count + step - 1) / step;
}

// Needs at most a multiple of a parameter's bytes, or of its pages.
template <ParamName name, std::int64_t factor = 1>
Needs memory_of(const Point& point) {
  return {.memory_bytes = factor * point.number(name.text)};
}
template <ParamName name, std::int64_t factor = 1>
Needs memory_of_pages(const Point& point) {
  return {.memory_bytes = factor * point.number(name.text) * 4096};
}

// Runs in a cgroup whose limit is a parameter's bytes, without swap.
template <ParamName name>
Needs limited_to(const Point& point) {
  const std::int64_t limit = point.number(name.text);
  return {.memory_bytes = limit,
          .memory_limit_bytes = limit,
          .swap_limit_bytes = 0,
          .cgroup_snapshot = true};
}

// Whether a counter rose in a phase: what a search looks for.
template <ParamName phase, ParamName metric>
bool counted(const RunView& run) {
  return run.value(phase.text, metric.text).value_or(0) > 0;
}

// A search between two values, in steps of the parameter's unit.
struct Range {
  std::int64_t low;
  std::int64_t high;
  std::int64_t step;
};
constexpr Search bisect(std::string_view name, std::string_view title, std::string_view param,
                        Range range, bool (*holds)(const RunView&), std::string_view where = {}) {
  return {name, param, range.low, range.high, range.step, holds, where, title};
}

// Metrics that a body observes.
constexpr Metric observed(std::string_view name, std::string_view unit, std::string_view meaning,
                          Better better = Better::none) {
  return {name,         unit,   MetricKind::observed, better, true, BlockingKeys::counts,
          "experiment", meaning};
}

}  // namespace lab
