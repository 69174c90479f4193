// Which blocks of a segment are in use: a byte per 16 bytes, 1 where a block in use starts. It
// judges a pointer without touching what it points to. Lies behind the header of a segment; there
// only when checks are on. A byte, not a bit: threads that change neighbours do not meet.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pages.h"
#include "segment.h"

namespace reference::used_map {

inline constexpr std::size_t kGrainBytes = 16;
inline constexpr std::size_t kMapBytes = kSegmentBytes / kGrainBytes;
static_assert(kMapBytes == kMapUnits * kUnitBytes);

// The number of the 16 bytes at an address; enormous if the address is not a multiple of 16.
inline std::uint64_t grain_of(const void* block) {
  static_assert(kGrainBytes == 1 << 4);
  return std::rotr(address_of(block), 4);
}

inline std::uint8_t* start_of_map(std::uintptr_t address) {
  return reinterpret_cast<std::uint8_t*>((address & ~(kSegmentBytes - 1)) + kUnitBytes);
}

// The byte of a block. Requires: a segment begins the block's range, not a direct block.
inline std::atomic_ref<std::uint8_t> byte_of(const void* block) {
  const std::uintptr_t address = address_of(block);
  return std::atomic_ref(start_of_map(address)[address % kSegmentBytes / kGrainBytes]);
}

inline bool is_set(const void* block) {
  return byte_of(block).load(std::memory_order_relaxed) != 0;
}
inline void set(const void* block) { byte_of(block).store(1, std::memory_order_relaxed); }

// Both return whether it was set. Of several threads that claim a block at once, one is told so;
// clear costs no locked instruction.
inline bool claim(const void* block) {
  return byte_of(block).exchange(0, std::memory_order_relaxed) != 0;
}
inline bool clear(const void* block) {
  const bool was_set = is_set(block);
  byte_of(block).store(0, std::memory_order_relaxed);
  return was_set;
}

// Makes the map of a segment in used memory empty.
inline void wipe(Segment* segment) {
  std::uint8_t* map = start_of_map(address_of(segment));
  if (!pages::purge(map, kMapBytes)) memset(map, 0, kMapBytes);
}

}  // namespace reference::used_map
