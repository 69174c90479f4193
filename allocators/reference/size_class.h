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

namespace size_class_detail {

constexpr unsigned kLinearClasses = 8;  // 16, 32 ... 128
constexpr unsigned kFineDoublings = 6;  // 128 ... 8 KiB
constexpr std::size_t kFineEnd = 8192;

constexpr unsigned compute(std::size_t bytes) {
  if (bytes <= 128) return bytes == 0 ? 0 : static_cast<unsigned>((bytes - 1) / 16);
  const unsigned log =
      static_cast<unsigned>(std::bit_width(bytes - 1)) - 1;  // 2^log < bytes <= 2^(log+1)
  if (bytes <= kFineEnd) {
    return kLinearClasses + (log - 7) * 8 + static_cast<unsigned>((bytes - 1) >> (log - 3)) - 8;
  }
  return kLinearClasses + kFineDoublings * 8 + (log - 13) * 4 +
         static_cast<unsigned>((bytes - 1) >> (log - 2)) - 4;
}

constexpr std::array<std::uint32_t, kClasses> class_bytes() {
  std::array<std::uint32_t, kClasses> bytes{};
  unsigned index = 0;
  for (std::size_t step = 16; step <= 128; step += 16)
    bytes[index++] = static_cast<std::uint32_t>(step);
  for (std::size_t base = 128; base < kFineEnd; base *= 2) {
    for (std::size_t step = 1; step <= 8; ++step)
      bytes[index++] = static_cast<std::uint32_t>(base + base / 8 * step);
  }
  for (std::size_t base = kFineEnd; base < kMaxSlabBlockBytes; base *= 2) {
    for (std::size_t step = 1; step <= 4; ++step)
      bytes[index++] = static_cast<std::uint32_t>(base + base / 4 * step);
  }
  return bytes;
}

// The class of every multiple of kStep up to kLast.
template <std::size_t kStep, std::size_t kLast>
constexpr std::array<std::uint8_t, kLast / kStep + 1> class_table() {
  std::array<std::uint8_t, kLast / kStep + 1> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint8_t>(compute(i * kStep));
  return table;
}

}  // namespace size_class_detail

inline constexpr auto kClassBytes = size_class_detail::class_bytes();
inline constexpr auto kSmallClasses = size_class_detail::class_table<16, kSmallBytes>();
inline constexpr auto kMediumClasses = size_class_detail::class_table<128, kMaxSlabBlockBytes>();


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

// A slab holds at least eight blocks.
inline constexpr unsigned slab_units(unsigned size_class) {
  const std::size_t wanted = 8 * std::size_t{kClassBytes[size_class]};
  return wanted <= kUnitBytes
             ? 1
             : static_cast<unsigned>(std::bit_ceil((wanted + kUnitBytes - 1) / kUnitBytes));
}

}  // namespace reference
