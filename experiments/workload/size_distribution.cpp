#include "experiments/workload/size_distribution.h"

#include <algorithm>
#include <cstdlib>

namespace lab {
namespace {

constexpr RecordedSize kGit[] = {
#include "experiments/workload/recorded/git.inc"
};
constexpr RecordedSize kPython[] = {
#include "experiments/workload/recorded/python.inc"
};
constexpr RecordedSize kSqlite[] = {
#include "experiments/workload/recorded/sqlite.inc"
};

}  // namespace

SizeDistribution SizeDistribution::named(std::string_view name) {
  if (name == "fixed_1KiB") return {Kind::uniform, 1024, 1024};
  if (name == "uniform") return {Kind::uniform, 16, 1024};
  if (name == "power_law") return {Kind::power_law, 16, 64 * 1024};
  if (name == "git") return {Kind::recorded, 0, 0, kGit};
  if (name == "python") return {Kind::recorded, 0, 0, kPython};
  if (name == "sqlite") return {Kind::recorded, 0, 0, kSqlite};
  std::abort();
}

std::size_t SizeDistribution::draw(Rng& rng) const {
  if (kind_ == Kind::uniform) return low_ + rng.below(high_ - low_ + 1);
  if (kind_ == Kind::power_law) {
    const double low = static_cast<double>(low_);
    const double cut = 1.0 - low / static_cast<double>(high_);
    return static_cast<std::size_t>(low / (1.0 - rng.unit() * cut));
  }
  const std::uint64_t rank = rng.below(table_.back().cumulative_count);
  return std::upper_bound(table_.begin(), table_.end(), rank,
                          [](std::uint64_t value, const RecordedSize& row) {
                            return value < row.cumulative_count;
                          })
      ->bytes;
}

}  // namespace lab
