// For judges of times: one number a block, so that what ran side by side is compared pair by pair. A
// time decides only when at least six blocks all lie on the same side of a margin.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "harness/claim/catalogue/rounds.h"

namespace lab::claims {

inline constexpr std::size_t kFewestBlocks = 6;

using PerBlock = std::map<int, double>;  // block to number

// Requires a number.
inline double middle_of(std::vector<double> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

// Returns the middle of number_of(run) over the runs of each block that ended well.
template <class NumberOf>
PerBlock per_block(const std::vector<const RunView*>& runs, NumberOf number_of) {
  std::map<int, std::vector<double>> numbers;
  for (const RunView* run : runs)
    if (run->ok()) numbers[run->block()].push_back(number_of(*run));
  PerBlock middles;
  for (auto& [block, all] : numbers) middles[block] = middle_of(std::move(all));
  return middles;
}

// Returns above / below in the blocks that have both. Requires numbers above zero.
inline PerBlock ratio(const PerBlock& above, const PerBlock& below) {
  PerBlock ratios;
  for (const auto& [block, number] : above)
    if (const auto other = below.find(block); other != below.end())
      ratios[block] = number / other->second;
  return ratios;
}

// Returns "1.20 to 1.45".
inline std::string range_of(const PerBlock& numbers) {
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end(), less);
  return factor(least->second) + " to " + factor(most->second);
}

enum class Side { above, below, both };

// On which side of `margin` every block lies. Ends the judge when there are fewer than six.
inline Side side_of(const PerBlock& numbers, double margin) {
  if (numbers.size() < kFewestBlocks)
    throw Missing{Verdict::not_testable, "needs six blocks, " + std::to_string(numbers.size()) +
                                             " were measured"};
  const auto above = std::count_if(numbers.begin(), numbers.end(),
                                   [&](const auto& entry) { return entry.second > margin; });
  if (above == 0) return Side::below;
  return above == static_cast<std::ptrdiff_t>(numbers.size()) ? Side::above : Side::both;
}

}  // namespace lab::claims
