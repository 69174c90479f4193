#include "blocks.h"

#include <cstring>

#include "direct.h"
#include "knobs.h"
#include "os.h"
#include "pages.h"
#include "span_heap.h"

namespace reference::blocks {
namespace {

constexpr std::size_t kPurgeToClearBytes = 128 << 10;

unsigned units_for(std::size_t bytes) {
  return static_cast<unsigned>((bytes + kUnitBytes - 1) / kUnitBytes);
}

bool is_below_threshold(std::size_t bytes) {
  return bytes < threshold().load(std::memory_order_relaxed);
}

bool is_direct(std::size_t bytes) { return !is_below_threshold(bytes) || bytes > kMaxSpanBytes; }

void* allocate_large(ThreadCache* cache, std::size_t bytes, bool& zero) {
  Span* span = cache->take_span(units_for(bytes));
  if (span == nullptr) return nullptr;
  zero = span->zero;
  span->kind = SpanKind::large;
  span->block_bytes = span->bytes();
  return span->start;
}

// Freeing a direct block shows that such sizes come and go: from now on they are worth keeping in
// segments.
void adapt_threshold(std::size_t block_bytes) {
  if (!knobs.mmap_threshold_adapts || is_below_threshold(block_bytes)) return;
  threshold().store((block_bytes < kMaxSpanBytes ? block_bytes : kMaxSpanBytes) + 1,
                    std::memory_order_relaxed);
}

bool resize_large(Span* span, std::size_t bytes) {
  if (bytes <= kMaxSlabBlockBytes || bytes > kMaxSpanBytes) return false;
  const unsigned units = units_for(bytes);
  if (units != span->units && !span_heap::resize(span, units)) return false;
  span->block_bytes = span->bytes();
  return true;
}

}  // namespace

unsigned slab_class(std::size_t bytes, std::size_t alignment) {
  return is_slab_request(bytes) ? class_of_aligned(bytes, alignment) : kClasses;
}

void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero) {
  zero = false;
  const unsigned size_class = slab_class(bytes, alignment);
  if (size_class < kClasses) {
    Block* block = cache->take(size_class);
    return block != nullptr ? block : cache->refill(size_class);
  }
  if (alignment <= kUnitBytes && !is_direct(bytes)) return allocate_large(cache, bytes, zero);
  return direct::allocate(bytes, alignment, zero);
}

void* clear(void* block, std::size_t bytes) {
  const std::size_t whole_pages = bytes & ~(kPageBytes - 1);
  if (bytes < kPurgeToClearBytes || address_of(block) % kPageBytes != 0 ||
      !pages::purge(block, whole_pages)) {
    return memset(block, 0, bytes);
  }
  memset(offset(block, whole_pages), 0, bytes - whole_pages);
  return block;
}

void deallocate(ThreadCache* cache, Span* span, void* block) {
  switch (span->kind) {
    case SpanKind::slab:
      if (cache == nullptr) return ThreadCache::send_home(static_cast<Block*>(block));
      return cache->deallocate(static_cast<Block*>(block));
    case SpanKind::large:
      return cache != nullptr ? cache->give_span(span) : span_heap::give(span);
    case SpanKind::direct:
      adapt_threshold(span->block_bytes);
      return direct::deallocate(block);
    default:
      return;
  }
}

void* resize(Span* span, void* block, std::size_t bytes) {
  const std::size_t usable = span->block_bytes;
  switch (span->kind) {
    case SpanKind::slab:
      return bytes <= usable && bytes > usable / 2 ? block : nullptr;
    case SpanKind::large:
      return resize_large(span, bytes) ? block : nullptr;
    case SpanKind::direct:
      if (is_below_threshold(2 * bytes)) return nullptr;
      return bytes <= usable && bytes >= usable / 2 ? block : direct::resize(block, bytes);
    default:
      return nullptr;
  }
}

}  // namespace reference::blocks
