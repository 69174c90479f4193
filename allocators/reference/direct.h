// Direct blocks: too large for a span, each in an extent of its own behind a one-page header.
// Growing takes the free neighbour or moves pages; bytes are copied only into memory that is
// resident already. Thread-safe.
#pragma once

#include <cstddef>

#include "lock.h"
#include "segment.h"

namespace reference::direct {

extern Lock lock;  // taken by fork around the copy

// Returns a block of at least `bytes`, or nullptr. `zero` tells whether it reads as zero.
// Requires: alignment is a power of two; bytes <= PTRDIFF_MAX.
void* allocate(std::size_t bytes, std::size_t alignment, bool& zero);

void deallocate(void* block);

// Returns the block, perhaps at another address, with room for `bytes`. Returns nullptr when it is
// cheaper or necessary to copy; then the block is as it was.
void* resize(void* block, std::size_t bytes);

// Calls visit, which must not call back, for every block. Requires: no thread allocates or frees.
void for_each_block(void (*visit)(const Segment* header, void* context), void* context);

}  // namespace reference::direct
