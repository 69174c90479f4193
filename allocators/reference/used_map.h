// Which blocks of a segment are in use: one bit per 16 bytes, set where a block in use starts. It
// judges a pointer without touching what it points to. Fills the second half of the segment's
// header unit; kept only when checks are on.
//
// The owner of a slab changes bits without locked instructions, other threads with them: then it is
// only a clear of another thread that can get lost, and the owner repeats it when the block
// arrives.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "segment.h"

namespace reference::used_map {

inline constexpr std::size_t kGrainBytes = 16;
inline constexpr std::size_t kWords = kSegmentBytes / kGrainBytes / 64;
inline constexpr std::size_t kMapBytes = kWords * sizeof(std::uint64_t);
inline constexpr std::size_t kOffset = kUnitBytes - kMapBytes;
static_assert(sizeof(Segment) <= kOffset);

// The number of the 16 bytes at an address; enormous if the address is not a multiple of 16.
inline std::uint64_t grain_of(const void* block) {
  static_assert(kGrainBytes == 1 << 4);
  return std::rotr(address_of(block), 4);
}

// Where the bit of a block is. Requires: a segment begins the block's range, not a direct block.
class Place {
 public:
  explicit Place(const void* block)
      : address_(address_of(block)),
        grain_(grain_of(block)),
        segment_(reinterpret_cast<Segment*>(address_ & ~(kSegmentBytes - 1))),
        word_(words_of(segment_)[grain_ / 64 % kWords]) {}

  // The unit around the block; without a span where there never was one.
  const Unit& unit() const { return segment_->unit_at(address_); }

  // As the thread that owns the span.
  std::uint64_t load() const { return word_.load(std::memory_order_relaxed); }
  bool is_set(std::uint64_t bits) const { return (bits >> grain_ % 64 & 1) != 0; }
  void set(std::uint64_t bits) const { store(bits | mask()); }
  void clear(std::uint64_t bits) const { store(bits & ~mask()); }

  // As any thread. Returns whether the bit was set.
  bool clear_shared() const { return is_set(word_.fetch_and(~mask(), std::memory_order_relaxed)); }

 private:
  static std::uint64_t* words_of(Segment* segment) {
    return reinterpret_cast<std::uint64_t*>(offset(segment, kOffset));
  }
  void store(std::uint64_t bits) const { word_.store(bits, std::memory_order_relaxed); }
  std::uint64_t mask() const { return std::uint64_t{1} << grain_ % 64; }

  std::uintptr_t address_;
  std::uint64_t grain_;
  Segment* segment_;
  std::atomic_ref<std::uint64_t> word_;
};

// As the thread that owns the span.
inline void set(const void* block) {
  const Place place(block);
  place.set(place.load());
}

inline void clear(const void* block) {
  const Place place(block);
  place.clear(place.load());
}

// Makes the map of a segment in used memory empty.
inline void wipe(Segment* segment) { memset(offset(segment, kOffset), 0, kMapBytes); }

}  // namespace reference::used_map
