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

// Carve about a page at a time: untouched blocks stay untouched.
inline constexpr std::size_t kCarveBytes = kPageBytes;

// Turns a free span into an empty slab. Requires: span->units == slab_units(size_class).
inline void make(Span* span, unsigned size_class, ThreadCache* owner) {
  span->free = nullptr;
  span->until_alarm = 0;
  span->alarm = 0;
  span->block_bytes = kClassBytes[size_class];
  span->capacity = static_cast<std::uint32_t>(span->bytes() / span->block_bytes);
  span->carved = 0;
  span->blanks = span->blank_pages = 0;
  span->size_class = static_cast<std::uint8_t>(size_class);
  span->state = SlabState::available;
  span->kind = SpanKind::slab;
  set_owner(span, owner);
}

inline bool can_carve(const Span* slab) {
  return slab->carved < slab->capacity || slab->blank_pages != 0;
}

inline bool has_room(const Span* slab) { return slab->free != nullptr || can_carve(slab); }

// Puts the next batch of fresh blocks on the free list. Requires: the list is empty and can_carve.
void carve(Span* slab);

// Gives the memory of all pages without a used block back to the OS. Their blocks are carved again
// when the slab has no others left.
void purge(Span* slab);

// Links a block that is not in its slab to another one.
inline void link(Block* block, Block* next) {
  block->next = next;
  if (knobs.check_level != 0) free_mark::set(block);
}

inline std::uint32_t free_list_length(const Span* slab) {
  return slab->carved - slab->blanks - static_cast<std::uint32_t>(slab->used());
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
