#include "allocate.h"

#include <errno.h>

#include <cstring>

#include "blocks.h"
#include "check.h"
#include "extents.h"
#include "fork.h"
#include "knobs.h"
#include "span_heap.h"

namespace reference {
namespace {

constexpr std::size_t kMaxRequestBytes = PTRDIFF_MAX;

// A cache for the duration of one operation: the thread's own, or a borrowed one while the thread
// exits.
class CacheInUse {
 public:
  CacheInUse() : cache_(cache_registry::of_this_thread()), is_borrowed_(cache_ == nullptr) {
    if (is_borrowed_) cache_ = cache_registry::borrow();
  }
  ~CacheInUse() {
    if (is_borrowed_ && cache_ != nullptr) cache_registry::give_back(cache_);
  }
  CacheInUse(const CacheInUse&) = delete;
  CacheInUse& operator=(const CacheInUse&) = delete;

  ThreadCache* get() const { return cache_; }

 private:
  ThreadCache* cache_;
  bool is_borrowed_;
};

// free must not change errno, though what it asks of the OS may fail.
class KeepErrno {
 public:
  KeepErrno() : saved_(errno) {}
  ~KeepErrno() { errno = saved_; }
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;

 private:
  int saved_;
};

[[gnu::constructor]] void prepare() { survive_fork(); }

bool is_checked() { return knobs.check_level != 0; }

void* or_no_memory(void* block) {
  if (block == nullptr) errno = ENOMEM;
  return block;
}

// Every request that no fast path serves. Knobs are in force once there is a cache.
[[gnu::noinline]] void* allocate_any(std::size_t bytes, std::size_t alignment, bool& zero) {
  void* block = nullptr;
  if (bytes <= kMaxRequestBytes && alignment <= kMaxRequestBytes) {
    CacheInUse cache;
    if (cache.get() != nullptr) {
      block = is_checked() ? check::allocate(cache.get(), bytes, alignment, zero)
                           : blocks::allocate(cache.get(), bytes, alignment, zero);
    }
  }
  return or_no_memory(block);
}

[[gnu::noinline]] void* allocate_general(std::size_t bytes) {
  bool zero;
  return allocate_any(bytes, blocks::kAlignment, zero);
}

[[gnu::noinline]] void deallocate_checked_slow(void* block) {
  if (block == nullptr) return;
  KeepErrno keep_errno;
  check::deallocate(cache_registry::of_this_thread(), block);
}

// Frees a block in use that is not of the cache's own slabs.
[[gnu::noinline]] void deallocate_checked_foreign(ThreadCache* cache, void* block) {
  ThreadCache* owner = owner_of(block);
  if (cache == &no_cache || owner == nullptr) return deallocate_checked_slow(block);
  check::claim(block);
  cache->free_remote(owner, static_cast<Block*>(block));
}

std::size_t usable_in(const Span* span, const void* block) {
  return knobs.check_level < 2 ? span->block_bytes : check::requested_bytes(block);
}

// A block of a class that has no current slab with one.
[[gnu::noinline]] void* allocate_refilled(std::size_t bytes, unsigned size_class) {
  ThreadCache* cache = fast_cache;
  if (cache != &no_cache) [[likely]]
    return or_no_memory(cache->refill(size_class));
  cache = checked_cache;
  if (cache != &no_cache) return or_no_memory(check::refill(cache, size_class));
  return allocate_general(bytes);
}

// The fast path of level 1; at level 0 the other cache has no block.
[[gnu::always_inline]] inline void* allocate_checked(std::size_t bytes, unsigned size_class) {
  Span* slab = checked_cache->current(size_class);
  if (Block* block = slab->free) [[likely]]
    return check::pop(slab, block);
  return allocate_refilled(bytes, size_class);
}

[[gnu::noinline]] void deallocate_any(void* block) {
  KeepErrno keep_errno;
  blocks::deallocate(cache_registry::of_this_thread(), span_of(block), block);
}

}  // namespace

void* allocate_slow(std::size_t bytes) {
  if (bytes <= kSmallBytes) return allocate_checked(bytes, class_of_small(bytes));
  if (!blocks::is_slab_request(bytes)) return allocate_general(bytes);
  const unsigned size_class = class_of(bytes);
  if (Block* block = checked_cache->take_ready(size_class)) return check::take(block);
  Span* slab = fast_cache->current(size_class);
  if (slab->free != nullptr) return slab::pop(slab);
  return allocate_checked(bytes, size_class);
}

// Requires: the block is not in a slab of the thread's fast cache.
void deallocate_slow(void* block) {
  ThreadCache* cache = fast_cache;
  ThreadCache* owner = owner_of(block);
  if (owner != nullptr && cache != &no_cache)
    return cache->free_remote(owner, static_cast<Block*>(block));
  deallocate_any(block);
}

[[gnu::noinline]] void shorten_ready(ThreadCache* cache, Span* slab) {
  KeepErrno keep_errno;
  cache->shorten_ready(slab->size_class);
}

[[gnu::noinline]] void heed_alarm(ThreadCache* cache, Span* slab) {
  KeepErrno keep_errno;
  cache->on_alarm(slab);
}

// The fast path of level 1: a block in use of a slab of the thread. At level 2 it has none.
void deallocate_checked(void* block) {
  if (!check::may_be_block(block)) [[unlikely]]
    return deallocate_checked_slow(block);
  const used_map::Place place(block);
  const std::uint64_t bits = place.load();
  if (!place.is_set(bits)) [[unlikely]]
    return deallocate_checked_slow(block);
  ThreadCache* cache = checked_cache;
  const Unit& unit = place.unit();
  if (unit.owner.load(std::memory_order_relaxed) != cache) [[unlikely]]
    return deallocate_checked_foreign(cache, block);
  Span* slab = unit.span;
  place.clear(bits);
  if (slab->block_bytes > kSmallBytes) {
    if (!check::make_ready(cache, slab, block)) shorten_ready(cache, slab);
    return;
  }
  if (check::push(slab, block)) [[unlikely]]
    heed_alarm(cache, slab);
}

void* allocate_zeroed(std::size_t bytes) {
  bool zero = false;
  void* block = blocks::is_slab_request(bytes) ? allocate(bytes)
                                               : allocate_any(bytes, blocks::kAlignment, zero);
  return block == nullptr || zero ? block : blocks::clear(block, bytes);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  if (alignment <= blocks::kAlignment) return allocate(bytes);
  bool zero;
  return allocate_any(bytes, alignment, zero);
}

void* reallocate(void* block, std::size_t bytes) {
  if (bytes > kMaxRequestBytes) {
    errno = ENOMEM;
    return nullptr;
  }
  if (is_checked()) check::require_block(block);
  Span* span = span_of(block);
  if (knobs.check_level < 2) {
    if (void* resized = blocks::resize(span, block, bytes)) return resized;
  }
  void* moved = allocate(bytes);
  if (moved == nullptr) return nullptr;
  const std::size_t usable = usable_in(span, block);
  memcpy(moved, block, usable < bytes ? usable : bytes);
  deallocate(block);
  return moved;
}

std::size_t usable_bytes(const void* block) {
  if (is_checked()) check::require_block(block);
  return usable_in(span_of(block), block);
}

bool release_free_memory() {
  KeepErrno keep_errno;
  if (knobs.check_level == 2) check::empty_quarantine(cache_registry::of_this_thread());
  cache_registry::release_all();
  const bool had_any = span_heap::totals().dirty_bytes != 0 || extents::kept_bytes() != 0;
  span_heap::release_all();
  extents::release_all();
  return had_any;
}

}  // namespace reference
