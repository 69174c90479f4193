// A segment: 4 MiB of address space, aligned to its size, cut into 64 units. Unit 0 holds this
// header, so the metadata of any block is found by masking its address. The mapping of a direct
// block begins with the same header.
//
// Invariants (under the span heap's lock):
//   dirty is a subset of buddy.free_units()   (dirty: may be resident and non-zero; clean units read
//                                              as zero)
//   units at and above committed_units are free and clean
#pragma once

#include <cstddef>
#include <cstdint>

#include "bits.h"
#include "buddy.h"
#include "span.h"

namespace reference {

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

  alignas(64) Span* span_at[kUnitsPerSegment] = {};  // unit -> the span it belongs to
  Span spans[kUnitsPerSegment];  // a span's descriptor is that of its first unit

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

inline Span* span_of(const void* block) {
  return segment_of(block)->span_at[address_of(block) / kUnitBytes % kUnitsPerSegment];
}

// Requires: the span is not a direct block's.
inline char* start_of(const Span* span) { return segment_of(span)->start_of(span); }

}  // namespace reference
