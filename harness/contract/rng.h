// A small seeded generator (splitmix64, Steele et al. 2014): the same sequence on every machine and
// standard library, so that every allocator sees the same requests. Never seeds itself.
#pragma once

#include <cstdint>

namespace lab {

class Rng {
 public:
  constexpr explicit Rng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // Requires bound > 0. Returns a value in [0, bound); the bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  // Returns a value in [0, 1) with 53 random bits.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // An independent generator for a thread or a second stream.
  constexpr Rng split() { return Rng(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace lab
