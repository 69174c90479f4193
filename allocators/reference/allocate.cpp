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

// free must not change errno, though what it asks of the OS may fail.
class KeepErrno {
 public:
  KeepErrno() : saved_(errno) {}
  ~KeepErrno() { errno = saved_; }

 private:
  int saved_;
};

[[gnu::constructor]] void prepare() { survive_fork(); }

bool is_checked() { return knobs.check_level != 0; }

void* or_no_memory(void* block) {
  if (block == nullptr) errno = ENOMEM;
  return block;
}

// Every request that no fast path serves. Knobs are in force once there is a cache; a thread that
// exits borrows one.
void* allocate_any(std::size_t bytes, std::size_t alignment, bool& zero) {
  if (bytes > kMaxRequestBytes || alignment > kMaxRequestBytes) return or_no_memory(nullptr);
  ThreadCache* own = cache_registry::of_this_thread();
  ThreadCache* cache = own != nullptr ? own : cache_registry::borrow();
  if (cache == nullptr) return or_no_memory(nullptr);
  void* block = is_checked() ? check::allocate(cache, bytes, alignment, zero)
                             : blocks::allocate(cache, bytes, alignment, zero);
  if (own == nullptr) cache_registry::give_back(cache);
  return or_no_memory(block);
}

[[gnu::noinline]] void* allocate_general(std::size_t bytes) {
  bool zero;
  return allocate_any(bytes, blocks::kAlignment, zero);
}

[[gnu::noinline]] void deallocate_general(void* block) {
  KeepErrno keep_errno;
  blocks::deallocate(cache_registry::of_freeing_thread(), span_of(block), block);
}

[[gnu::noinline]] void deallocate_judged(void* block) {
  KeepErrno keep_errno;
  check::deallocate(cache_registry::of_freeing_thread(), block);
}

}  // namespace

void* allocate_slow(std::size_t bytes) {
  if (Block* block = check::take(bytes)) return block;
  if (fast_cache != &no_cache && blocks::is_slab_request(bytes))
    return or_no_memory(fast_cache->refill(class_of(bytes)));
  return allocate_general(bytes);
}

void deallocate_slow(void* block) {
  if (!fast_cache->send(static_cast<Block*>(block))) deallocate_general(block);
}

void deallocate_checked(void* block) {
  if (block != nullptr && !check::put(block)) deallocate_judged(block);
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
  if (bytes > kMaxRequestBytes) return or_no_memory(nullptr);
  if (is_checked()) check::require_block(block);
  Span* span = span_of(block);
  if (knobs.check_level < 2) {
    if (void* resized = blocks::resize(span, block, bytes)) return resized;
  }
  void* moved = allocate(bytes);
  if (moved == nullptr) return nullptr;
  const std::size_t usable = check::usable_bytes(block);
  memcpy(moved, block, usable < bytes ? usable : bytes);
  deallocate(block);
  return moved;
}

std::size_t usable_bytes(const void* block) {
  if (is_checked()) check::require_block(block);
  return check::usable_bytes(block);
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
