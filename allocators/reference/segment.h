// A segment: 4 MiB of address space, aligned to its size, cut into 64 units. Unit 0 holds this
// header, so the metadata of any block is found by masking its address. The mapping of a direct
// block begins with the same header.
//
// Invariants (under the span heap's lock):
//   dirty is a subset of buddy.free_units()   (dirty: may be resident and non-zero; clean units
//   read
//                                              as zero)
//   units at and above committed_units are free and clean
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "bits.h"
#include "buddy.h"
#include "span.h"

namespace reference {

class ThreadCache;

// What a unit belongs to. The owner is of a slab or kept span, nullptr for others; it is here and
// not in the span because other threads read it at every free, and the span is written all the
// time.
struct Unit {
  Span* span = nullptr;
  std::atomic<ThreadCache*> owner = nullptr;
};

inline constexpr std::size_t kSegmentBytes = kUnitsPerSegment * kUnitBytes;
inline constexpr unsigned kMaxSpanUnits = kUnitsPerSegment / 2;  // the largest buddy beside unit 0
inline constexpr std::size_t kMaxSpanBytes = kMaxSpanUnits * kUnitBytes;

struct Segment {
  Buddy buddy;
  std::uint64_t dirty = 0;
  unsigned committed_units = 0;
  int bucket = -1;  // the list of the span heap it is in: its largest free order
  Segment* next = nullptr;
  Segment* prev = nullptr;
  Segment* next_dirty = nullptr;
  std::uint64_t dirty_since = 0;
  bool in_dirty_queue = false;

  // Of a direct block's extent.
  std::size_t mapped_bytes = 0;
  std::size_t block_offset = 0;

  alignas(64) Unit units[kUnitsPerSegment];
  Span spans[kUnitsPerSegment];  // a span's descriptor is that of its first unit

  // units[address / kUnitBytes % kUnitsPerSegment], reckoned in bytes: that saves instructions.
  Unit& unit_at(std::uintptr_t address) {
    constexpr std::uintptr_t kEntries = (kUnitsPerSegment - 1) * sizeof(Unit);
    return *reinterpret_cast<Unit*>(
        offset(units, address / (kUnitBytes / sizeof(Unit)) & kEntries));
  }

  char* start_of(const Span* span) { return offset(this, first_unit(span) * kUnitBytes); }
  unsigned first_unit(const Span* span) const { return static_cast<unsigned>(span - spans); }
};

static_assert(sizeof(Segment) <= kUnitBytes);
// A direct block starts one page behind its header; only spans[0] of that header exists.
static_assert(offsetof(Segment, spans) + sizeof(Span) <= 4096);

// Looks one byte below, so that a direct block aligned to a whole segment still finds the header
// before it.
inline Segment* segment_of(const void* block) {
  return reinterpret_cast<Segment*>((address_of(block) - 1) & ~(kSegmentBytes - 1));
}

inline Unit& unit_of(const void* block) { return segment_of(block)->unit_at(address_of(block)); }

inline Span* span_of(const void* block) { return unit_of(block).span; }

inline ThreadCache* owner_of(const void* block) {
  return unit_of(block).owner.load(std::memory_order_relaxed);
}

// Requires: the span is not a direct block's.
inline char* start_of(const Span* span) { return segment_of(span)->start_of(span); }

// Requires: the span is not a direct block's.
inline void set_owner(Span* span, ThreadCache* owner) {
  Segment* segment = segment_of(span);
  Unit* unit = segment->units + segment->first_unit(span);
  for (Unit* end = unit + span->units; unit != end; ++unit)
    unit->owner.store(owner, std::memory_order_relaxed);
}

}  // namespace reference
