// The allocator's functions, without C names: what malloc.cpp and new_delete.cpp wrap. Thread-safe.
// When memory is exhausted they return nullptr and set errno to ENOMEM. The fast paths are here,
// the rest is in allocate.cpp.
#pragma once

#include <cstddef>

#include "blocks.h"
#include "cache_registry.h"
#include "header_map.h"

namespace reference {

void* allocate_slow(std::size_t bytes);
void deallocate_slow(void* block);
void deallocate_checked(void* block);

// Returns a block of at least `bytes`, aligned to 16. Zero bytes get a block of their own.
inline void* allocate(std::size_t bytes) {
  if (blocks::is_slab_request(bytes)) [[likely]] {
    if (Block* block = fast_cache->take(class_of(bytes))) [[likely]]
      return block;
  }
  return allocate_slow(bytes);
}

inline void deallocate(void* block) {
  // One comparison finds both: nullptr wraps around, and with checks on the limit is 0.
  if (address_of(block) - 1 >= header_map::unchecked_limit) [[unlikely]]
    return deallocate_checked(block);
  ThreadCache* cache = fast_cache;
  auto* freed = static_cast<Block*>(block);
  const Unit& unit = unit_of(block);
  if (cache->put(unit.size_class, freed)) [[likely]]
    return;
  if (unit.owner.load(std::memory_order_relaxed) == cache && cache->give_back(freed)) return;
  deallocate_slow(block);
}

// Like allocate, and every byte is zero.
void* allocate_zeroed(std::size_t bytes);

// Like allocate, aligned. Requires: alignment is a power of two.
void* allocate_aligned(std::size_t alignment, std::size_t bytes);

// Returns the block with room for `bytes`, perhaps elsewhere, content kept; nullptr leaves the
// block as it was. Requires: bytes > 0 and block is not nullptr.
void* reallocate(void* block, std::size_t bytes);

// What the program may use of a block. Requires: block is not nullptr.
std::size_t usable_bytes(const void* block);

// Gives back all memory that is free. Returns whether there was any that could be resident.
bool release_free_memory();

}  // namespace reference
