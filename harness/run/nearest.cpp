#include "harness/run/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lab {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view given, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, given.size() / 2) + 1;
  for (const std::string_view name : names)
    if (const std::size_t distance = edit_distance(given, name); distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  return best.empty() ? "" : " (did you mean '" + std::string(best) + "'?)";
}

}  // namespace lab
