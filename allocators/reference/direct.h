// Direct blocks: too large for a span, each in a mapping of its own behind a one-page header.
// Growing moves pages, never bytes. A few freed mappings are kept for the next request; a request
// they cannot serve takes as much out of this cache as it maps anew, so the cache never raises the
// peak. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lock.h"
#include "segment.h"

namespace reference::direct {

extern Lock lock;  // taken by fork around the copy

// Returns a block of at least `bytes`, or nullptr. `zero` tells whether it reads as zero.
// Requires: alignment is a power of two; bytes <= PTRDIFF_MAX.
void* allocate(std::size_t bytes, std::size_t alignment, bool& zero);

void deallocate(void* block);

// Returns the block, perhaps at another address, with room for `bytes`, or nullptr: then the block
// is as it was.
void* resize(void* block, std::size_t bytes);

// Releases cached mappings, oldest first, until `bytes` are released or none is left. Called by
// whoever maps that much.
void give_way(std::size_t bytes);

// Releases every cached mapping.
void release_all();

struct Totals {
  std::size_t header_bytes = 0;  // in front of blocks in use, with the gap an alignment leaves
  std::size_t block_bytes = 0;
  std::size_t blocks = 0;
  std::size_t cached_bytes = 0;  // whole mappings
};

Totals totals();

// Requires: no thread allocates or frees.
void for_each_block(void (*visit)(Segment* header, Span* span, void* context), void* context);

}  // namespace reference::direct
