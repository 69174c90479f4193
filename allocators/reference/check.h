// Checks of what the program does with its blocks; on when the check level is not 0, and then every
// call comes here. At level 1 what is beyond doubt is served by the two inline functions, the rest
// by the general ones, as everything at level 2.
//   level 1: double free, invalid free, free blocks written to, broken free lists
//   level 2: also blocks written past their end, freed blocks written to while they wait in
//   quarantine, a guard page
//            behind every large block, and the invariants of each slab visited
// A finding is a message on standard error and abort. Thread-safe.
#pragma once

#include <cstddef>

#include "free_mark.h"
#include "header_map.h"
#include "lock.h"
#include "message.h"
#include "thread_cache.h"

namespace reference::check {

// Takes a free block. Requires: the free list is not empty.
inline void* pop(Span* slab) {
  Block* block = slab->free;
  if (!free_mark::is_set(block)) [[unlikely]]
    fail("free block written to", block);
  free_mark::clear(block);
  return slab::pop(slab);
}

// The slab of a block if the cache owns it and the block is certainly in use, else nullptr.
inline Span* own_slab(const ThreadCache* cache, void* block) {
  if (!header_map::covers(block)) return nullptr;
  Span* span = span_of(block);
  if (span == nullptr || span->owner.load(std::memory_order_relaxed) != cache) return nullptr;
  const std::size_t distance = address_of(block) - address_of(start_of(span));
  const bool is_used = span->kind == SpanKind::slab && is_multiple(distance, span->size_class) &&
                       distance < span->carved * span->block_bytes && !free_mark::is_set(block);
  return is_used ? span : nullptr;
}

// Like blocks::allocate.
void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero);

// Frees a block after judging it. `cache` may be nullptr.
void deallocate(ThreadCache* cache, void* block);

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
