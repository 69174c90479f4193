// Slab: a span cut into blocks of one size class. Operations on one slab by its owner; the lists
// slabs are in belong to the thread cache. Which blocks are free is told by a bit each, so nothing
// is written to a free block, and a block that was never handed out is untouched memory.
// Invariants: span.h.
#pragma once

#include <cstdint>

#include "segment.h"
#include "span.h"

namespace reference::slab {

// Turns a free span into an empty slab. Requires: span->units == slab_units(size_class).
void make(Span* span, unsigned size_class, ThreadCache* owner);

inline bool is_full(const Span* slab) { return slab->used == slab->capacity; }

// Takes up to `wanted` free blocks, those with the lowest addresses, and writes them to `into`,
// the lowest last. Returns how many.
std::size_t take(Span* slab, Block** into, std::size_t wanted);

// The number of a block. Exact for its start, since capacity * block_bytes < 2^32.
inline std::uint64_t index_of(const Span* slab, const void* block) {
  return (address_of(block) - address_of(slab->start)) * slab->inverse >> 32;
}

inline bool is_taken(const Span* slab, std::uint64_t index) {
  return (slab->taken[index / 64] >> index % 64 & 1) != 0;
}

// Takes a block back.
inline void give(Span* slab, const Block* block) {
  const std::uint64_t index = index_of(slab, block);
  slab->taken[index / 64] &= ~(std::uint64_t{1} << index % 64);
  if (index / 64 < slab->first_word) slab->first_word = static_cast<std::uint8_t>(index / 64);
  --slab->used;
}

// Counts the taken blocks anew, from their bits: a thread that a fork lost may have been about to.
void recount(Span* slab);

// Gives the memory of all pages that no taken block touches back to the OS.
void purge(const Span* slab);

}  // namespace reference::slab
