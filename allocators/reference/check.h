// Checks of what the program does with its blocks; on when the check level is not 0, and then every
// call comes here: at level 1 mostly to the inline functions, at level 2 to the general ones.
//   level 1: double free, invalid free, free blocks written to, broken free lists
//   level 2: also blocks written past their end, freed blocks written to while they wait in
//            quarantine, a guard page behind every large block, the invariants of slabs visited
// A finding is a message on standard error and abort. Thread-safe.
#pragma once

#include <cstddef>

#include "free_mark.h"
#include "header_map.h"
#include "lock.h"
#include "message.h"
#include "thread_cache.h"
#include "used_map.h"

namespace reference::check {

// Never returns; as a tail call it costs pop no stack frame.
void* report_written(void* block);

// Says why a pointer into a segment is not a block in use.
[[noreturn]] void report_unused(const void* block);

// Takes a free block. Requires: the slab is the caller's, and its free list begins with `block`.
inline void* pop(Span* slab, Block* block) {
  if (!free_mark::is_set(block)) [[unlikely]]
    return report_written(block);
  slab::pop(slab);
  used_map::set(block);
  return block;
}

// Hands out a block just taken from a list. Its link was copied, but not followed yet.
inline void* take(Block* block) {
  if (!free_mark::is_set(block)) [[unlikely]]
    return report_written(block);
  used_map::set(block);
  return block;
}

// Whether a segment begins the range of what is aligned as a block.
inline bool may_be_block(const void* block) {
  const std::size_t range = used_map::grain_of(block) / (kSegmentBytes / used_map::kGrainBytes);
  return range < header_map::kRanges &&
         header_map::ranges[range].load(std::memory_order_relaxed) == header_map::Range::segment;
}

// Like ThreadCache::make_ready, and marks the block as free.
inline bool make_ready(ThreadCache* cache, const Span* slab, void* block) {
  const bool has_room = cache->make_ready(slab, static_cast<Block*>(block));
  free_mark::set(block);
  return has_room;
}

// Like slab::push, and marks the block as free.
inline bool push(Span* slab, void* freed) {
  auto* block = static_cast<Block*>(freed);
  block->next = slab->free;
  free_mark::set(block);
  slab->free = block;
  return --slab->until_alarm == 0;
}

// Like ThreadCache::refill.
void* refill(ThreadCache* cache, unsigned size_class);

// Like blocks::allocate.
void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero);

// Frees a block after judging it. `cache` may be nullptr.
void deallocate(ThreadCache* cache, void* block);

// Counts a block as unused; ends the program if it is already: of two threads that free a block at
// once, one is told. Requires: it was in use, and is not a direct block.
inline void claim(const void* block) {
  if (!used_map::Place(block).clear_shared()) [[unlikely]]
    report_unused(block);
}

// Ends the program if this is not a block in use.
void require_block(const void* block);

// At level 2: what the program asked for.
std::size_t requested_bytes(const void* block);

// Bytes asked for and not freed, at level 2.
std::size_t live_bytes();

// Lets all quarantined blocks go.
void empty_quarantine(ThreadCache* cache);

// Calls visit for every quarantined block. Requires: no thread allocates or frees.
void for_each_quarantined(void (*visit)(void* block, void* context), void* context);

extern Lock quarantine_lock;  // taken by fork around the copy

}  // namespace reference::check
