// What judges of claims share: finding runs by their parameters, and numbers as words.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "harness/contract/claim.h"
#include "harness/contract/point.h"

namespace lab::claims {

struct Where {
  std::string_view name;  // a parameter or a knob
  std::string_view value;
};

inline bool has(const RunView& run, Where where) {
  const auto param = run.param(where.name);
  const auto value = param.empty() ? run.knob(where.name) : param;
  const auto number = number_from(value);
  return value == where.value || (number && number == number_from(where.value));
}

// Returns the first run that ended well and fits all conditions, or nullptr.
template <class... Conditions>
const RunView* find_run(Evidence evidence, Conditions... conditions) {
  for (const RunView* run : evidence)
    if (run->ok() && (has(*run, conditions) && ...)) return run;
  return nullptr;
}

// Verdict of a comparison that has an answer.
constexpr Verdict verdict_of(bool holds) { return holds ? Verdict::confirmed : Verdict::refuted; }

inline Finding missing(std::string what) {
  return {Verdict::not_testable, "nothing", "a run that measured it", std::move(what)};
}

inline std::string mib(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

// "3.2", from a numerator and a denominator that is not zero.
inline std::string ratio(std::int64_t numerator, std::int64_t denominator) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f",
                static_cast<double>(numerator) / static_cast<double>(denominator));
  return text;
}

inline std::string percent(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%",
                100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

}  // namespace lab::claims
