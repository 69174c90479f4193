// Slab: a span carved into blocks of one size class. Operations on one slab by its owner; the lists
// slabs are in belong to the thread cache. Invariants: span.h.
#pragma once

#include "bits.h"
#include "free_mark.h"
#include "knobs.h"
#include "os.h"
#include "segment.h"
#include "size_class.h"
#include "span.h"

namespace reference::slab {

inline constexpr std::size_t kCarveBytes =
    kPageBytes;  // carve about a page at a time: untouched blocks stay untouched

// Turns a free span into an empty slab. Requires: span->units == slab_units(size_class).
inline void make(Span* span, unsigned size_class, ThreadCache* owner) {
  span->free = nullptr;
  span->until_alarm = 0;
  span->alarm = 0;
  span->block_bytes = kClassBytes[size_class];
  span->capacity = static_cast<std::uint32_t>(span->bytes() / span->block_bytes);
  span->carved = 0;
  span->size_class = static_cast<std::uint8_t>(size_class);
  span->state = SlabState::available;
  span->kind = SpanKind::slab;
  set_owner(span, owner);
}

inline bool can_carve(const Span* slab) { return slab->carved < slab->capacity; }

inline bool has_room(const Span* slab) { return slab->free != nullptr || can_carve(slab); }

// Puts the next batch of fresh blocks on the free list. Requires: the list is empty and can_carve.
inline void carve(Span* slab) {
  const std::size_t block_bytes = slab->block_bytes;
  std::uint32_t count =
      block_bytes >= kCarveBytes ? 1 : static_cast<std::uint32_t>(kCarveBytes / block_bytes);
  if (count > slab->capacity - slab->carved) count = slab->capacity - slab->carved;
  char* first = start_of(slab) + slab->carved * block_bytes;
  char* last = first + (count - 1) * block_bytes;
  for (char* block = first; block != last; block += block_bytes) {
    reinterpret_cast<Block*>(block)->next = reinterpret_cast<Block*>(block + block_bytes);
  }
  reinterpret_cast<Block*>(last)->next = nullptr;
  if (knobs.check_level != 0) {
    for (char* block = first; block <= last; block += block_bytes) free_mark::set(block);
  }
  slab->free = reinterpret_cast<Block*>(first);
  slab->carved += count;
}

// Links a block that is not in its slab to another one.
inline void link(Block* block, Block* next) {
  block->next = next;
  if (knobs.check_level != 0) free_mark::set(block);
}

// Requires: the free list is not empty.
inline Block* pop(Span* slab) {
  Block* block = slab->free;
  slab->free = block->next;
  ++slab->until_alarm;
  return block;
}

// Returns whether the alarm rings. Leaves marking the block to the caller.
inline bool push(Span* slab, Block* block) {
  block->next = slab->free;
  slab->free = block;
  return --slab->until_alarm == 0;
}

// A full slab is worth visiting again when a sixteenth of it is free: one visit then serves many
// requests.
inline std::int32_t wake_count(const Span* slab) {
  return slab->capacity < 32 ? 1 : static_cast<std::int32_t>(slab->capacity / 16);
}

}  // namespace reference::slab
