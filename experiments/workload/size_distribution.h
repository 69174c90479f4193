// Where a workload's sizes come from: a formula, or the sizes a real program asked for. Drawing
// allocates nothing and uses no floating-point function, so that a seed gives the same sizes
// everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "harness/contract/rng.h"

namespace lab {

// One row of a recorded distribution: how many requests were for at most `bytes`.
struct RecordedSize {
  std::uint32_t bytes;
  std::uint32_t cumulative_count;
};

class SizeDistribution {
 public:
  // fixed_1KiB 1 KiB each: how many requests there are follows from the bytes
  // uniform    16 … 1024 bytes, every size alike
  // power_law  16 bytes … 64 KiB, share of sizes above s falls as 1/s
  // git, python, sqlite  recorded, see recorded/README.md
  // Any other name ends the run.
  static SizeDistribution named(std::string_view name);

  std::size_t draw(Rng& rng) const;

 private:
  enum class Kind { uniform, power_law, recorded };
  SizeDistribution(Kind kind, std::size_t low, std::size_t high,
                   std::span<const RecordedSize> table = {})
      : kind_(kind), low_(low), high_(high), table_(table) {}

  Kind kind_;
  std::size_t low_;
  std::size_t high_;
  std::span<const RecordedSize> table_;
};

}  // namespace lab
