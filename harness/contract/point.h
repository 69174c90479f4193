// A parameter point: the values one case gives to an experiment's parameters.
// Values are text as the user wrote them; sizes may carry KiB, MiB, GiB. Header-only, no allocation:
// the measured child uses it too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lab {

struct Setting {
  std::string_view name;
  std::string_view value;
};

// Returns the number that `text` spells ("4096", "64KiB", "-1"), or nothing when it is a word.
constexpr std::optional<std::int64_t> number_from(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    const int digit = text[digits] - '0';
    if (value > (INT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  const std::string_view suffix = text.substr(digits);
  int shift = 0;
  if (suffix == "KiB") shift = 10;
  else if (suffix == "MiB") shift = 20;
  else if (suffix == "GiB") shift = 30;
  else if (!suffix.empty()) return std::nullopt;
  if (value > (INT64_MAX >> shift)) return std::nullopt;
  value <<= shift;
  return negative ? -value : value;
}

class Point {
 public:
  constexpr explicit Point(std::span<const Setting> settings) : settings_(settings) {}

  // Returns the value of `name` as written; empty when the point has no such parameter.
  constexpr std::string_view text(std::string_view name) const {
    for (const Setting& setting : settings_)
      if (setting.name == name) return setting.value;
    return {};
  }

  // Requires a numeric value. Returns 0 for a missing or non-numeric one; the plan refuses both.
  constexpr std::int64_t number(std::string_view name) const {
    return number_from(text(name)).value_or(0);
  }

  constexpr bool is(std::string_view name, std::string_view token) const {
    return text(name) == token;
  }

 private:
  std::span<const Setting> settings_;
};

}  // namespace lab
