// For judges of runs that go through a phase several times, and for words of sizes too large to be
// read in bytes. What was not measured ends the judge as not_testable, as with Runs.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "harness/claim/catalogue/judging.h"
#include "harness/contract/point.h"

namespace lab::claims {

// Returns the first run that ended well and fits `where`.
inline const RunView& first_run(const Runs& runs, std::string_view where) {
  for (const RunView* run : runs.all(where))
    if (run->ok()) return *run;
  throw Missing{Verdict::not_testable, "no run ended well where " + std::string(where)};
}

// Returns a value of a phase, or its growth since the first mark, in one round of several.
inline std::int64_t value_in(const RunView& run, std::string_view phase, std::string_view metric,
                             int round = 0) {
  if (const auto value = run.value(phase, metric, round)) return *value;
  throw Missing{Verdict::not_testable,
                std::string(metric) + " of phase " + std::string(phase) + " was not measured"};
}
inline std::int64_t grown_in(const RunView& run, std::string_view phase, std::string_view metric,
                             int round = 0) {
  if (const auto value = run.since_start(phase, metric, round)) return *value;
  throw Missing{Verdict::not_testable,
                std::string(metric) + " of phase " + std::string(phase) + " was not measured"};
}

// Returns the largest growth of RSS anon after `phase` in rounds [first, last).
inline std::int64_t highest(const RunView& run, std::string_view phase, int first, int last) {
  std::int64_t most = 0;
  for (int round = first; round < last; ++round)
    most = std::max(most, grown_in(run, phase, "rss_anon_bytes", round));
  return most;
}

// Returns a parameter's number. Requires a numeric parameter.
inline std::int64_t number_of(const RunView& run, std::string_view param) {
  if (const auto number = number_from(run.param(param))) return *number;
  throw Missing{Verdict::not_testable, "the run has no number for " + std::string(param)};
}

inline std::string mib(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

inline std::string factor(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

// Requires whole > 0.
inline std::string percent(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%",
                100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

}  // namespace lab::claims
