// Which 4 MiB ranges of the address space begin with a segment header: lets the checks judge any
// pointer without touching what it points to. One bit per range; filled only when checks are on.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "segment.h"

namespace reference::header_map {

inline constexpr unsigned kAddressBits = 47;
using Word = std::atomic<std::uint64_t>;

extern Word* words;  // nullptr while checks are off

inline std::uint64_t bit_of(std::uintptr_t address) {
  return std::uint64_t{1} << address / kSegmentBytes % 64;
}

inline Word& word_of(std::uintptr_t address) { return words[address / kSegmentBytes / 64]; }

// Maps the table. Called once, before the first segment. Returns false when there is no memory for
// it.
bool set_up();

void add(const void* segment);
void remove(const void* segment);

// Whether a header lies where segment_of would look for it.
inline bool covers(const void* block) {
  const std::uintptr_t address = address_of(block) - 1;
  if (words == nullptr || address >> kAddressBits != 0) return false;
  return (word_of(address).load(std::memory_order_relaxed) & bit_of(address)) != 0;
}

// Mapped for the map; 0 while checks are off.
std::size_t mapped_bytes();

}  // namespace reference::header_map
