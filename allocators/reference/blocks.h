// Blocks of any size: chooses slab, span or direct block by size and alignment, without checks and
// without errno. The layer that allocate.h wraps when checks are off, and check.h when they are on.
// Thread-safe; each call takes the cache it may use.
#pragma once

#include <atomic>
#include <cstddef>

#include "knobs.h"
#include "size_class.h"
#include "thread_cache.h"

namespace reference::blocks {

inline constexpr std::size_t kAlignment = 16;

// The knob that adapts while other threads read it.
inline std::atomic_ref<std::size_t> threshold() {
  return std::atomic_ref(knobs.mmap_threshold_bytes);
}

// Whether a request is small enough for a slab: the mmap threshold may be below the largest class.
inline bool is_slab_request(std::size_t bytes) {
  return bytes <= kSmallBytes ||
         (bytes <= kMaxSlabBlockBytes && bytes < threshold().load(std::memory_order_relaxed));
}

// The class that serves a request, or kClasses when it gets a span or extent of its own.
unsigned slab_class(std::size_t bytes, std::size_t alignment);

// Returns a block of at least `bytes` at a multiple of the alignment, or nullptr. `zero` tells
// whether it reads as zero. Requires: alignment is a power of two; both are at most PTRDIFF_MAX.
void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero);

// Makes the block's first `bytes` zero: by purging where that is cheaper than writing, so that
// pages the program never touches cost nothing.
void* clear(void* block, std::size_t bytes);

// Frees a block of the span. `cache` is the thread's, or nullptr where it has none.
void deallocate(ThreadCache* cache, Span* span, void* block);

// Changes a block's room without copying. Returns the block, perhaps elsewhere, or nullptr: then it
// is as it was.
void* resize(Span* span, void* block, std::size_t bytes);

}  // namespace reference::blocks
