// An endless row of operations that a seed determines: mostly small blocks, all sizes and
// alignments that take another path, each kind of call.
#pragma once

#include <bit>
#include <random>

#include "model.h"

namespace trust {

class RandomOperations {
 public:
  explicit RandomOperations(std::uint64_t seed) : random_(seed) {}

  Operation next() { return {kind(), random_(), bytes(), alignment()}; }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  // One in how many operations gives memory back to the OS.
  static constexpr std::size_t kTrimInterval = 4000;

  Kind kind() {
    static constexpr Kind kKindsByTwentieth[20] = {
        Kind::allocate,        Kind::allocate,         Kind::allocate,       Kind::allocate,
        Kind::allocate,        Kind::allocate,         Kind::allocate,       Kind::allocate_zeroed,
        Kind::allocate_zeroed, Kind::allocate_aligned, Kind::allocate_posix, Kind::reallocate,
        Kind::reallocate,      Kind::reallocate,       Kind::reallocate,     Kind::deallocate,
        Kind::deallocate,      Kind::deallocate,       Kind::deallocate,     Kind::use_all};
    if (below(kTrimInterval) == 0) return Kind::trim;
    if (below(kTrimInterval / 10) == 0) return Kind::pass_time;
    return kKindsByTwentieth[below(20)];
  }

  // A size that is small as a rule; every eighth lies at a power of two, where classes meet.
  std::size_t bytes() {
    const std::size_t percentile = below(1000);
    const std::size_t limit = percentile < 800   ? 1 << 10
                              : percentile < 980 ? 32 << 10
                              : percentile < 998 ? 2 << 20
                                                 : 40 << 20;
    const std::size_t any = below(limit) + 1;
    return below(8) != 0 ? any : std::bit_floor(any) + below(3) - 1;
  }

  std::size_t alignment() { return std::size_t{1} << (below(50) != 0 ? below(14) : below(25)); }

  std::mt19937_64 random_;
};

}  // namespace trust
