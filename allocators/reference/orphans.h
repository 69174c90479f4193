// Orphans: in the child of a fork, caches whose threads do not exist there. Their slabs are handed
// to a living cache when the child first needs more than it has; a child that only execs pays
// nothing.
//
// The other threads were running while memory was copied, so a free list may be caught in
// mid-change. It is used only if it adds up: every link is a block of the slab and their number is
// what the counts say. Else all carved blocks count as used, and only the rest of the slab serves
// again.
#pragma once

#include "thread_cache.h"

namespace reference::orphans {

// Gives `heir` the slabs of all caches marked as orphans, and their kept spans to the span heap.
// Blocks that were travelling stay used. Requires: one caller at a time, the thread of `heir`.
void adopt_all(ThreadCache* heir);

}  // namespace reference::orphans
