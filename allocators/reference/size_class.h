// Size classes: a request is rounded up to one of kClasses block sizes. 16-byte steps to 128, then
// 8 steps per doubling to 8 KiB (at most 12.5 % waste), then 4 per doubling to 64 KiB (only whole
// pages behind the request are wasted). Pure, computed at compile time.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "span.h"

namespace reference {

inline constexpr std::size_t kMaxSlabBlockBytes = 64 << 10;
inline constexpr std::size_t kSmallBytes = 1024;  // above: medium, few blocks fill a slab
inline constexpr unsigned kClasses = 8 + 6 * 8 + 3 * 4;
inline constexpr std::uint8_t kNoClass = kClasses;  // what is not a block of a slab

inline constexpr auto kClassBytes = [] {
  std::array<std::uint32_t, kClasses> table{};
  std::uint32_t bytes = 0;
  for (std::uint32_t& entry : table) {
    bytes += bytes < 128 ? 16 : std::bit_floor(bytes) / (bytes < 8192 ? 8 : 4);
    entry = bytes;
  }
  return table;
}();

// The smallest class that holds i * kStep bytes, for every i up to kLast / kStep.
template <std::size_t kStep, std::size_t kLast>
constexpr auto class_table() {
  std::array<std::uint8_t, kLast / kStep + 1> table{};
  std::uint8_t index = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    while (kClassBytes[index] < i * kStep) ++index;
    table[i] = index;
  }
  return table;
}

inline constexpr auto kSmallClasses = class_table<16, kSmallBytes>();
inline constexpr auto kMediumClasses = class_table<128, kMaxSlabBlockBytes>();

// Requires: bytes <= kSmallBytes.
inline constexpr unsigned class_of_small(std::size_t bytes) {
  return kSmallClasses[(bytes + 15) / 16];
}

// Requires: bytes <= kMaxSlabBlockBytes.
inline constexpr unsigned class_of(std::size_t bytes) {
  return bytes <= kSmallBytes ? class_of_small(bytes) : kMediumClasses[(bytes + 127) / 128];
}

inline constexpr unsigned kFirstMedium = class_of_small(kSmallBytes) + 1;

// The smallest class whose blocks hold `bytes` and all start at a multiple of `alignment`; kClasses
// when there is none. Slabs start at a multiple of a unit, so a block size that is a multiple of
// the alignment is enough.
inline constexpr unsigned class_of_aligned(std::size_t bytes, std::size_t alignment) {
  if (bytes > kMaxSlabBlockBytes || alignment > kMaxSlabBlockBytes) return kClasses;
  unsigned index = class_of(bytes < alignment ? alignment : bytes);
  while (index < kClasses && (kClassBytes[index] & (alignment - 1)) != 0) ++index;
  return index;
}

// The units of a slab: at least eight blocks, rounded up to what a buddy has.
inline constexpr unsigned slab_units(unsigned size_class) {
  const std::size_t bytes = 8 * std::size_t{kClassBytes[size_class]};
  return static_cast<unsigned>(std::bit_ceil((bytes + kUnitBytes - 1) / kUnitBytes));
}

}  // namespace reference
