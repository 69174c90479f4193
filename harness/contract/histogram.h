// A histogram of nanoseconds with fixed storage: 8 linear steps per power of two (relative error at
// most 12.5 %), exact count and maximum. Lives in pages shared with the parent; recording allocates
// nothing and takes no lock: one writer.
#pragma once

#include <bit>
#include <cstdint>

namespace lab {

struct Histogram {
  static constexpr int kStepsPerOctave = 8;
  static constexpr int kBuckets = 41 * kStepsPerOctave;  // 0 … 2^43 ns, above two hours

  std::uint64_t count;
  std::uint64_t sum_ns;
  std::uint64_t max_ns;
  std::uint64_t buckets[kBuckets];

  // Returns the bucket of `ns`: bucket_floor_ns(b) <= ns < bucket_floor_ns(b + 1).
  static constexpr int bucket_of(std::uint64_t ns) {
    if (ns < 2 * kStepsPerOctave) return static_cast<int>(ns);
    const int octave = std::bit_width(ns) - 1;  // >= 4
    const int step = static_cast<int>((ns >> (octave - 3)) & (kStepsPerOctave - 1));
    const int bucket = (octave - 2) * kStepsPerOctave + step;
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  static constexpr std::uint64_t bucket_floor_ns(int bucket) {
    if (bucket < 2 * kStepsPerOctave) return static_cast<std::uint64_t>(bucket);
    const int octave = bucket / kStepsPerOctave + 2;
    const auto step = static_cast<std::uint64_t>(bucket % kStepsPerOctave);
    return (kStepsPerOctave + step) << (octave - 3);
  }

  void add(std::uint64_t ns) {
    ++count;
    sum_ns += ns;
    if (ns > max_ns) max_ns = ns;
    ++buckets[bucket_of(ns)];
  }
};

}  // namespace lab
