#include "allocate.h"

#include <errno.h>

#include <cstdint>
#include <cstring>

#include "direct.h"
#include "extents.h"
#include "knobs.h"
#include "span_heap.h"

namespace reference {
namespace {

constexpr std::size_t kMaxRequestBytes = PTRDIFF_MAX;
constexpr std::size_t kBlockAlignment = 16;

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

  explicit operator bool() const { return cache_ != nullptr; }
  ThreadCache* operator->() const { return cache_; }
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

void* or_enomem(void* block) {
  if (block == nullptr) [[unlikely]]
    errno = ENOMEM;
  return block;
}

[[gnu::noinline]] void* allocate_by_refill(unsigned size_class) {
  CacheInUse cache;
  return or_enomem(cache ? cache->refill(size_class) : nullptr);
}

unsigned units_for(std::size_t bytes) {
  return static_cast<unsigned>((bytes + kUnitBytes - 1) / kUnitBytes);
}

void* allocate_large(ThreadCache* cache, std::size_t bytes, bool& zero) {
  Span* span = cache->take_span(units_for(bytes));
  if (span == nullptr) return nullptr;
  zero = span->zero;
  span->kind = SpanKind::large;
  span->block_bytes = span->bytes();
  return start_of(span);
}

bool is_direct(std::size_t bytes) {
  return bytes >= knobs.mmap_threshold_bytes || bytes > kMaxSpanBytes;
}

// Everything that is not a slab block. `zero` tells whether the block reads as zero.
void* allocate_big(std::size_t bytes, bool& zero) {
  if (bytes > kMaxRequestBytes) return or_enomem(nullptr);
  CacheInUse cache;
  if (!cache) return or_enomem(nullptr);
  if (is_direct(bytes)) return or_enomem(direct::allocate(bytes, kBlockAlignment, zero));
  return or_enomem(allocate_large(cache.get(), bytes, zero));
}

bool is_slab_request(std::size_t bytes) {
  return bytes <= kMaxSlabBlockBytes &&
         (bytes <= kTableBytes || bytes < knobs.mmap_threshold_bytes);
}

// Freeing a direct block shows that such sizes come and go: from now on they are worth keeping in
// segments.
void adapt_threshold(std::size_t block_bytes) {
  if (!knobs.mmap_threshold_adapts || block_bytes < knobs.mmap_threshold_bytes) return;
  knobs.mmap_threshold_bytes = (block_bytes < kMaxSpanBytes ? block_bytes : kMaxSpanBytes) + 1;
}

void free_slab_block(Span* slab, Block* block) {
  ThreadCache* cache = cache_registry::of_this_thread();
  ThreadCache* owner = slab->owner.load(std::memory_order_relaxed);
  if (cache == nullptr) owner->post(block, block);
  else if (owner == cache) cache->free_own(slab, block);
  else cache->free_remote(slab, block);
}

void free_large(Span* span) {
  if (ThreadCache* cache = cache_registry::of_this_thread()) cache->give_span(span);
  else span_heap::give(span);
}

// Tries to change a block's size where it is.
void* resize_in_place(Span* span, void* block, std::size_t bytes) {
  const std::size_t usable = span->block_bytes;
  switch (span->kind) {
    case SpanKind::slab:
      return bytes <= usable && bytes > usable / 2 ? block : nullptr;
    case SpanKind::large:
      if (bytes <= kMaxSlabBlockBytes || bytes > kMaxSpanBytes) return nullptr;
      if (units_for(bytes) != span->units && !span_heap::resize(span, units_for(bytes)))
        return nullptr;
      span->block_bytes = span->bytes();
      return block;
    case SpanKind::direct:
      if (bytes < knobs.mmap_threshold_bytes / 2) return nullptr;
      if (bytes <= usable && bytes >= usable / 2) return block;
      return direct::resize(block, bytes);
    case SpanKind::free:
      break;
  }
  return nullptr;
}

}  // namespace

void* allocate_slow(std::size_t bytes) {
  if (!is_slab_request(bytes)) {
    bool zero;
    return allocate_big(bytes, zero);
  }
  const unsigned size_class = class_of(bytes);
  Span* slab = fast_cache->current(size_class);
  if (slab->free != nullptr) [[likely]] return slab::pop(slab);
  return allocate_by_refill(size_class);
}

void deallocate_slow(Span* span, void* block) {
  KeepErrno keep_errno;
  switch (span->kind) {
    case SpanKind::slab:
      return free_slab_block(span, static_cast<Block*>(block));
    case SpanKind::large:
      return free_large(span);
    case SpanKind::direct:
      adapt_threshold(span->block_bytes);
      return direct::deallocate(block);
    case SpanKind::free:
      return;
  }
}

void* allocate_zeroed(std::size_t bytes) {
  if (is_slab_request(bytes)) {
    void* block = allocate(bytes);
    return block != nullptr ? memset(block, 0, bytes) : nullptr;
  }
  bool zero;
  void* block = allocate_big(bytes, zero);
  return block == nullptr || zero ? block : memset(block, 0, bytes);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  if (bytes > kMaxRequestBytes || alignment > kMaxRequestBytes) return or_enomem(nullptr);
  if (alignment <= kBlockAlignment) return allocate(bytes);
  CacheInUse cache;  // also loads the knobs
  if (!cache) return or_enomem(nullptr);
  const unsigned size_class = class_of_aligned(bytes, alignment);
  if (size_class < kClasses) return or_enomem(cache->refill(size_class));
  bool zero;
  if (alignment <= kUnitBytes && !is_direct(bytes))
    return or_enomem(allocate_large(cache.get(), bytes, zero));
  return or_enomem(direct::allocate(bytes, alignment, zero));
}

void* reallocate(void* block, std::size_t bytes) {
  if (bytes > kMaxRequestBytes) return or_enomem(nullptr);
  Span* span = span_of(block);
  if (void* same = resize_in_place(span, block, bytes)) return same;
  void* moved = allocate(bytes);
  if (moved == nullptr) return nullptr;
  const std::size_t usable = span->block_bytes;
  memcpy(moved, block, usable < bytes ? usable : bytes);
  deallocate(block);
  return moved;
}

std::size_t usable_bytes(const void* block) { return span_of(block)->block_bytes; }

bool release_free_memory() {
  cache_registry::release_all();
  const bool had_any = span_heap::totals().dirty_bytes != 0 || extents::kept_bytes() != 0;
  span_heap::release_all();
  extents::release_all();
  return had_any;
}

}  // namespace reference
