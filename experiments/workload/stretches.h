// Heaps as the 64 MiB stretches of address space that hold a block: what glibc reserves for an
// arena.
#pragma once

#include <cstdint>

namespace lab {

inline constexpr std::uintptr_t kStretchBytes = 64 << 20;

// Returns in how many different 64 MiB stretches of address space the blocks lie.
inline std::int64_t count_stretches(void* const* blocks, int count) {
  std::int64_t stretches = 0;
  const auto stretch = [&](int i) {
    return reinterpret_cast<std::uintptr_t>(blocks[i]) / kStretchBytes;
  };
  for (int i = 0; i < count; ++i) {
    bool seen = false;
    for (int j = 0; j < i; ++j) seen |= stretch(j) == stretch(i);
    stretches += !seen;
  }
  return stretches;
}

}  // namespace lab
