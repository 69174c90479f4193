// Operations decoded from bytes, four of them each: any bytes are a valid run. The fuzzer's inputs
// and the kept corpus are read by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model.h"

namespace trust {

inline constexpr std::size_t kOperationBytes = 4;

// Bits of the size come from an exponent and a mantissa, so that one byte more or less is reachable
// at every scale up to 64 MiB.
inline std::size_t decoded_size(std::uint8_t exponent, std::uint8_t mantissa) {
  const unsigned shift = exponent % 27;
  return (std::size_t{1} << shift) + ((std::size_t{mantissa} << shift) >> 8) + exponent / 27 % 3 -
         1;
}

inline Operation decoded_operation(std::span<const std::uint8_t, kOperationBytes> bytes) {
  return {static_cast<Kind>(bytes[0] % kKinds), bytes[1], decoded_size(bytes[2], bytes[3]),
          std::size_t{1} << bytes[0] / kKinds % 24};
}

// Applies a whole run to a model of its own; everything is freed and given back at the end.
void run_bytes(std::span<const std::uint8_t> bytes);

}  // namespace trust
