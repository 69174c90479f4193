// The span heap: spans cut from segments by the buddy system, shared by all threads under one lock.
// Free spans stay resident until they are past the trim threshold and older than the purge delay.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lock.h"
#include "segment.h"

namespace reference::span_heap {

// Taken by fork around the copy; nobody else may hold it across a call of this header.
extern Lock lock;

// Returns a span of kind `free` with `units` units, its `zero` flag set, or nullptr. Requires: 1 <=
// units <= kMaxSpanUnits.
Span* take(unsigned units);

// Returns a span to the heap. Requires: no block of it is in use.
void give(Span* span);

// Changes the number of units in place; growing needs the units behind to be free. Returns false
// when it cannot.
bool resize(Span* span, unsigned units);

// Purges every free unit and releases every free segment.
void release_all();

struct Totals {
  std::size_t segments = 0;
  std::size_t free_bytes = 0;   // clean and dirty, committed or not
  std::size_t dirty_bytes = 0;  // of the free ones
};

Totals totals();

// Calls visit for every span in use, in address order within a segment. Requires: no thread
// allocates or frees.
void for_each_span(void (*visit)(Segment* segment, Span* span, void* context), void* context);

}  // namespace reference::span_heap
