#include <algorithm>

#include "harness/run/library.h"

namespace lab {
namespace {

std::string scaled(std::string_view value, std::int64_t divide_by) {
  const auto number = number_from(value);
  return number ? std::to_string(*number / divide_by) : std::string(value);
}

// Returns the text that `choices` ("0=false|1=true|*") gives for `value`, or nothing. `*` takes any
// value; a choice without text passes the value itself.
std::optional<std::string_view> chosen(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::string_view choice = choices.substr(0, choices.find('|'));
    const std::size_t equals = choice.find('=');
    const std::string_view key = choice.substr(0, equals);
    if (key == value || key == "*")
      return equals == choice.npos ? value : choice.substr(equals + 1);
    choices.remove_prefix(std::min(choices.size(), choice.size() + 1));
  }
  return std::nullopt;
}

// Returns `rule.setting` with its braces replaced, or nothing when the rule cannot express `value`.
std::optional<std::string> setting_for(const KnobRule& rule, std::string_view value) {
  const std::size_t open = rule.setting.find('{');
  const std::size_t close = rule.setting.find('}', open);
  if (open == rule.setting.npos || close == rule.setting.npos) return std::string(rule.setting);
  const std::string_view choices = rule.setting.substr(open + 1, close - open - 1);
  const std::string plain = scaled(value, rule.divide_by);
  const auto text = choices.empty() ? plain : chosen(choices, plain);
  if (!text) return std::nullopt;
  return std::string(rule.setting).replace(open, close - open + 1, *text);
}

void add(EnvironmentPairs& pairs, const KnobRule& rule, const std::string& setting) {
  for (auto& [variable, value] : pairs)
    if (variable == rule.variable) {
      value.append(rule.joiner).append(setting);
      return;
    }
  pairs.emplace_back(rule.variable, setting);
}

// Returns false when no rule, or not every rule, of the allocator can express the setting.
bool apply(const Allocator& allocator, const Setting& knob, EnvironmentPairs& pairs) {
  bool known = false;
  for (const KnobRule& rule : allocator.knobs) {
    if (rule.knob != knob.name) continue;
    const auto setting = setting_for(rule, knob.value);
    if (!setting) return false;
    add(pairs, rule, *setting);
    known = true;
  }
  return known;
}

}  // namespace

EnvironmentPairs knob_environment(const Allocator& allocator, std::span<const Setting> knobs,
                                  std::string* unsupported) {
  EnvironmentPairs pairs;
  for (const Setting& knob : knobs) {
    if (knob.value == "absent" || apply(allocator, knob, pairs)) continue;
    if (unsupported != nullptr)
      *unsupported = std::string(knob.name) + "=" + std::string(knob.value) +
                     " is not supported by " + std::string(allocator.name);
    return {};
  }
  return pairs;
}

}  // namespace lab
