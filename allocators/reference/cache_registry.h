// Which thread uses which cache. A thread gets a cache at its first allocation, a parked one if
// there is any, and parks it at exit with all live blocks. Parked ("idle") caches lend slabs to
// running threads. Survives fork: the child keeps the forking thread's cache and the idle ones;
// those of other threads become orphans there.
#pragma once

#include <cstdint>

#include "lock.h"
#include "thread_cache.h"

namespace reference {

extern ThreadCache no_cache;  // the empty cache: it has no slabs and owns no block

// What malloc and free look at. It is &no_cache before the first allocation, after thread exit, and
// whenever blocks are checked; every fast path then fails of itself. At check level 1 the second
// pointer takes its place.
inline constinit thread_local ThreadCache* fast_cache [[gnu::tls_model("initial-exec")]] =
    &no_cache;
inline constinit thread_local ThreadCache* checked_cache [[gnu::tls_model("initial-exec")]] =
    &no_cache;

// Requests up to here are served without checks if they can be: none when checks are on.
inline constinit std::size_t unchecked_bytes = kSmallBytes;

// Blocks at this address or above, less one, are freed by way of the checks: only nullptr, or all
// when checks are on.
inline constinit std::uintptr_t unchecked_limit = UINTPTR_MAX;

namespace cache_registry {

extern Lock lock;  // taken by fork around the copy

// The calling thread's cache; makes one when there is none. Returns nullptr when memory is
// exhausted, and while the thread exits after its cache was parked: then borrow one.
ThreadCache* of_this_thread();

// A cache for one operation of a thread that has none. Returns nullptr when memory is exhausted.
ThreadCache* borrow();
void give_back(ThreadCache* cache);

// Moves a slab of the class that has room from an idle cache to `heir`. Returns nullptr when there
// is none.
Span* adopt_slab(unsigned size_class, ThreadCache* heir);

// Gives all free memory of idle caches and of the calling thread back to the span heap; other
// threads follow at their next refill.
void release_all();
void heed_release(ThreadCache* cache);

// In the child of a fork, while it has one thread: every cache that is neither idle nor the calling
// thread's is an orphan. A later call of this header takes them in.
void orphan_others();

// Calls visit for every cache. Requires: no thread allocates or frees.
void for_each(void (*visit)(ThreadCache* cache, void* context), void* context);

// Mapped for caches.
std::size_t mapped_bytes();

}  // namespace cache_registry
}  // namespace reference
