// Checks of what the program does with its blocks; on when the check level is not 0, and then every
// call comes here.
//   level 1: double free, invalid free, free blocks written to, broken free lists
//   level 2: also blocks written past their end, freed blocks written to while they wait in
//   quarantine, a guard page
//            behind every large block, and the invariants of each slab visited
// A finding is a message on standard error and abort. Thread-safe.
#pragma once

#include <cstddef>

#include "lock.h"
#include "thread_cache.h"

namespace reference::check {

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
