#include "harness/run/axis.h"

#include <algorithm>

#include "harness/record/bad_input.h"
#include "harness/run/nearest.h"

namespace lab {

namespace {

// Every word any profile uses, without repetition.
std::vector<std::string_view> words_of(const Param& param) {
  std::vector<std::string_view> words;
  for (std::string_view list : {param.smoke, param.quick, param.full})
    while (!list.empty()) {
      const auto end = std::min(list.find(' '), list.size());
      const auto word = list.substr(0, end);
      if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(word);
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  return words;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> values_for(const Param& param, Profile profile) {
  if (profile == Profile::full && !param.full.empty()) return split(param.full);
  if (profile != Profile::smoke && !param.quick.empty()) return split(param.quick);
  return split(param.smoke);
}

void check_value(const Param& param, std::string_view value) {
  const auto words = words_of(param);
  if (std::find(words.begin(), words.end(), value) != words.end()) return;
  const bool takes_numbers = std::any_of(words.begin(), words.end(),
                                         [](auto word) { return number_from(word).has_value(); });
  if (takes_numbers && number_from(value)) return;
  std::string known;
  for (const auto word : words) known.append(known.empty() ? "" : ", ").append(word);
  throw BadInput("'" + std::string(value) + "' is not a value of " + std::string(param.name) +
                 did_you_mean(value, words) + "; it takes " +
                 (takes_numbers ? "a number such as " : "one of ") + known);
}

std::vector<Settings> combinations(const std::vector<Axis>& axes) {
  std::vector<Settings> all{{}};
  for (const Axis& axis : axes) {
    std::vector<Settings> longer;
    for (const Settings& shorter : all)
      for (const std::string& value : axis.values) {
        longer.push_back(shorter);
        longer.back().emplace_back(axis.name, value);
      }
    all = std::move(longer);
  }
  return all;
}

}  // namespace lab
