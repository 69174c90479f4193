// A segment: 4 MiB of address space, aligned to its size, cut into 64 units. Unit 0 holds this
// header, so the metadata of any block is found by masking its address. The mapping of a direct
// block begins with the same header.
//
// Invariants (under the span heap's lock):
//   dirty is a subset of buddy.free_units()   (dirty: may be resident and non-zero; clean units
//                                              read as zero)
//   units at and above committed_units are free and clean
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "bits.h"
#include "buddy.h"
#include "knobs.h"
#include "size_class.h"
#include "span.h"

namespace reference {

// What free needs to know of an address. It is here and not in the descriptor because other threads
// read it, and the descriptor is written all the time. A unit that no span ever covered leads to
// the header's own descriptor, which is free.
struct Unit {
  std::atomic<ThreadCache*> owner = nullptr;  // of a slab or kept span
  std::uint8_t first = 0;                     // the first unit of its span
  std::uint8_t size_class = kNoClass;         // of a slab
};

inline constexpr std::size_t kSegmentBytes = kUnitsPerSegment * kUnitBytes;
inline constexpr unsigned kMaxSpanUnits = kUnitsPerSegment / 2;  // the largest buddy beside unit 0
inline constexpr std::size_t kMaxSpanBytes = kMaxSpanUnits * kUnitBytes;

// With checks on, the map of blocks in use (used_map.h) lies behind the header.
inline constexpr unsigned kMapUnits = 4;
inline unsigned header_units() { return knobs.check_level == 0 ? 1 : 1 + kMapUnits; }

struct Segment {
  Buddy buddy;
  std::uint64_t dirty = 0;
  unsigned committed_units = 0;
  int bucket = 0;  // the list of the span heap it is in: its largest free order + 1
  Link<Segment> in_bucket = {};
  Link<Segment> in_queue = {};
  std::uint64_t dirty_since = 0;
  bool in_dirty_queue = false;

  // Of a direct block's extent.
  std::size_t mapped_bytes = 0;
  std::size_t block_offset = 0;
  Link<Segment> in_use = {};

  alignas(64) Unit units[kUnitsPerSegment];
  Span spans[kUnitsPerSegment];  // a span's descriptor is that of its first unit
  std::uint64_t taken[kUnitsPerSegment][kTakenWords];  // so are its bits

  // units[address / kUnitBytes % kUnitsPerSegment], reckoned in bytes: that saves instructions.
  Unit& unit_at(std::uintptr_t address) {
    constexpr std::uintptr_t kEntries = (kUnitsPerSegment - 1) * sizeof(Unit);
    return *reinterpret_cast<Unit*>(
        offset(units, address / (kUnitBytes / sizeof(Unit)) & kEntries));
  }
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

inline Span* span_of(const void* block) {
  Segment* segment = segment_of(block);
  return &segment->spans[segment->unit_at(address_of(block)).first];
}

inline Unit& unit_of(const Span* span) { return segment_of(span)->units[span->first]; }

// Requires of the rest: the span is not a direct block's.

inline ThreadCache* owner_of(const Span* span) {
  return unit_of(span).owner.load(std::memory_order_relaxed);
}

// Gives a span to another cache. Other threads may be looking at it.
inline void set_owner(Span* span, ThreadCache* owner) {
  Unit* unit = &unit_of(span);
  for (Unit* end = unit + span->units; unit != end; ++unit)
    unit->owner.store(owner, std::memory_order_relaxed);
}

// Tells the units of a span whose they are, and which class they are of. Requires: no block of it
// is in use.
inline void describe(Span* span, ThreadCache* owner, std::uint8_t size_class) {
  set_owner(span, owner);
  Unit* unit = &unit_of(span);
  for (Unit* end = unit + span->units; unit != end; ++unit) {
    unit->first = span->first;
    unit->size_class = size_class;
  }
}

}  // namespace reference
