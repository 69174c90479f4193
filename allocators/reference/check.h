// Checks of what the program does with its blocks; on when the check level is not 0, and then every
// call comes here.
//   level 1: double free, invalid free, free blocks written to
//   level 2: also blocks written past their end, freed blocks written to while they wait in
//            quarantine, a guard page behind every large block, the invariants of slabs visited
// A finding is a message on standard error and abort. Thread-safe.
#pragma once

#include <cstddef>

#include "blocks.h"
#include "cache_registry.h"
#include "free_mark.h"
#include "header_map.h"
#include "lock.h"
#include "used_map.h"

namespace reference::check {

// Whether a segment begins the range of what is aligned as a block.
inline bool may_be_block(const void* block) {
  const std::size_t range = used_map::grain_of(block) / (kSegmentBytes / used_map::kGrainBytes);
  return range < header_map::kRanges &&
         header_map::ranges[range].load(std::memory_order_relaxed) == header_map::Range::segment;
}

// The fast paths of level 1 are those of level 0 with a look at each block. At other levels the
// cache they use is the empty one.

// Takes a block of the thread's bin, or returns nullptr: allocate serves the request.
inline Block* take(std::size_t bytes) {
  if (!blocks::is_slab_request(bytes)) return nullptr;
  Block* block = checked_cache->take(class_of(bytes));
  if (block == nullptr) return nullptr;
  free_mark::require(block);
  used_map::set(block);
  return block;
}

// Puts a block in use into the thread's bin or slab. Returns false when there is more to do or the
// pointer is not such a block: deallocate judges it.
inline bool put(void* block) {
  ThreadCache* cache = checked_cache;
  if (cache == &no_cache || !may_be_block(block)) return false;
  auto* freed = static_cast<Block*>(block);
  const Unit& unit = unit_of(block);
  const bool is_ours = unit.owner.load(std::memory_order_relaxed) == cache;
  if (is_ours ? !used_map::clear(block) : !used_map::claim(block)) return false;
  free_mark::set(freed);
  if (cache->put(unit.size_class, freed) || (is_ours && cache->give_back(freed))) return true;
  used_map::set(block);
  return false;
}

// Like blocks::allocate.
void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero);

// Frees a block after judging it. `cache` may be nullptr.
void deallocate(ThreadCache* cache, void* block);

// Ends the program if this is not a block in use.
void require_block(const void* block);

// What the program may use of a block: at level 2, what it asked for.
std::size_t usable_bytes(const void* block);

// Bytes asked for and not freed, at level 2.
std::size_t live_bytes();

// Lets all quarantined blocks go.
void empty_quarantine(ThreadCache* cache);

// Calls visit for every quarantined block. Requires: no thread allocates or frees.
void for_each_quarantined(void (*visit)(void* block, void* context), void* context);

extern Lock quarantine_lock;  // taken by fork around the copy

}  // namespace reference::check
