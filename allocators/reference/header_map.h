// What each 4 MiB range of the address space begins with: lets the checks judge any pointer without
// touching what it points to. One byte per range, of which only the pages in use are resident;
// filled only when checks are on. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "segment.h"

namespace reference::header_map {

enum class Range : std::uint8_t { foreign, segment, direct };

inline constexpr unsigned kAddressBits = 47;
inline constexpr std::size_t kRanges = (std::size_t{1} << kAddressBits) / kSegmentBytes;

// While checks are off, only nullptr is ever asked about.
inline constinit std::atomic<Range> range_of_null = Range::foreign;
inline constinit std::atomic<Range>* ranges = &range_of_null;

// Blocks at this address or above, less one, are freed by way of the checks: only nullptr, or all
// when checks are on.
inline constinit std::uintptr_t unchecked_limit = UINTPTR_MAX;

// Prepares the checks: called once, when the knobs are known and before the first segment. Without
// memory for the table they stay off, with a warning.
void set_up();

// Tells what begins at a header's place; `foreign` once nothing does. Does nothing while checks are
// off.
void set(const void* header, Range range);

// What segment_of would find. Requires: checks are on.
inline Range range_of(const void* block) {
  const std::size_t index = (address_of(block) - 1) / kSegmentBytes;
  return index < kRanges ? ranges[index].load(std::memory_order_relaxed) : Range::foreign;
}

// Mapped for the map; 0 while checks are off.
std::size_t mapped_bytes();

}  // namespace reference::header_map
