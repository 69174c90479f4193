// Which thread uses which cache. A thread gets a cache at its first allocation, a parked one if
// there is any, and parks it at exit with all live blocks. Parked ("idle") caches lend slabs to
// running threads. Survives fork: the child keeps the forking thread's cache and the idle ones;
// those of other threads become orphans there.
#pragma once

#include <cstdint>

#include "lock.h"
#include "thread_cache.h"

namespace reference {

extern ThreadCache no_cache;  // the empty cache: it has no block and room for none

// What malloc and free look at. It is &no_cache before the first allocation, after thread exit, and
// whenever blocks are checked; every fast path then fails of itself.
inline constinit thread_local ThreadCache* fast_cache [[gnu::tls_model("initial-exec")]] =
    &no_cache;

// The same for the fast paths of check level 1.
inline constinit thread_local ThreadCache* checked_cache [[gnu::tls_model("initial-exec")]] =
    &no_cache;

namespace cache_registry {

extern Lock lock;  // taken by fork around the copy

// The calling thread's cache; makes one when there is none. Returns nullptr when memory is
// exhausted, and while the thread exits after its cache was parked: then borrow one.
ThreadCache* of_this_thread();

// The same for a free. A thread that only frees gets no cache for the first few: they may be what
// the C library frees when it has ended already, and then nobody would park the cache.
ThreadCache* of_freeing_thread();

// A cache for one operation of a thread that has none. Returns nullptr when memory is exhausted.
ThreadCache* borrow();
void give_back(ThreadCache* cache);

// Takes a slab of the class that has free blocks from an idle cache and gives it to `heir`. Returns
// nullptr when there is none.
Span* adopt_slab(unsigned size_class, ThreadCache* heir);

// Gives all free memory of idle caches and of the calling thread back to the span heap; other
// threads follow at their next refill.
void release_all();
void heed_release(ThreadCache* cache);

// In the child of a fork, while it has one thread: every cache that is neither idle nor the calling
// thread's is an orphan, whose thread does not exist there. It becomes idle, and its slabs are
// found again when the child first needs more than it has; a child that only execs pays nothing.
//
// The other threads were running while memory was copied, so a list or count may be caught in
// mid-change: which blocks are free is read from their bits. Blocks that were in a bin or
// travelling stay used.
void orphan_others();

// Calls visit for every cache. Requires: no thread allocates or frees.
void for_each(void (*visit)(ThreadCache* cache, void* context), void* context);

}  // namespace cache_registry
}  // namespace reference
