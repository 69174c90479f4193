// Small integer helpers shared by all layers. Pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace reference {

inline constexpr bool is_power_of_two(std::size_t value) { return std::has_single_bit(value); }

// Requires: alignment is a power of two and value + alignment does not overflow.
inline constexpr std::size_t align_up(std::size_t value, std::size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

inline std::uintptr_t address_of(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

inline char* offset(void* pointer, std::size_t bytes) {
  return static_cast<char*>(pointer) + bytes;
}

}  // namespace reference
