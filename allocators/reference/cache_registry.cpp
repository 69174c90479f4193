#include "cache_registry.h"

#include <pthread.h>

#include <new>

#include "header_map.h"
#include "knobs.h"
#include "purge_clock.h"
#include "span_heap.h"

namespace reference {

constinit ThreadCache no_cache;

namespace cache_registry {

constinit Lock lock;

namespace {

constinit ThreadCache* all_caches = nullptr;
constinit std::atomic<ThreadCache*> idle_caches = nullptr;
constinit std::atomic<unsigned> release_epoch = 0;
constinit bool has_orphans = false;

constinit bool is_set_up = false;
constinit pthread_key_t exit_key = 0;
constinit bool has_exit_key = false;  // without it, caches of threads that end stay unused

constinit thread_local ThreadCache* own_cache [[gnu::tls_model("initial-exec")]] = nullptr;
constinit thread_local bool is_exiting [[gnu::tls_model("initial-exec")]] = false;
constinit thread_local unsigned lone_frees [[gnu::tls_model("initial-exec")]] = 0;

// Requires for these, but for leave: lock held.

void push_idle(ThreadCache* cache) {
  cache->is_idle = true;
  cache->idle_since = purge_clock::now();
  cache->next_idle = idle_caches;
  idle_caches = cache;
}

void reclaim(Segment*, Span* span, void*) {
  ThreadCache* owner = owner_of(span);
  if (owner != nullptr && owner->is_orphan) owner->reclaim(span);
}

void reclaim_orphans() {
  if (!has_orphans) return;
  has_orphans = false;
  span_heap::for_each_span(reclaim, nullptr);
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache)
    cache->is_orphan = false;
}

void leave(void* own) {
  fast_cache = checked_cache = &no_cache;
  own_cache = nullptr;
  is_exiting = true;
  give_back(static_cast<ThreadCache*>(own));
}

void set_up() {
  if (is_set_up) return;
  is_set_up = true;
  load_knobs();
  if (knobs.check_level != 0) header_map::set_up();
  has_exit_key = pthread_key_create(&exit_key, leave) == 0;
}

// Caches are never given back: their number is that of the threads alive at once.
ThreadCache* make_cache() {
  static_assert(sizeof(ThreadCache) <= kUnitBytes);
  Span* span = span_heap::take(1);
  if (span == nullptr) return nullptr;
  span->kind = SpanKind::cache;
  auto* cache = new (span->start) ThreadCache;
  cache->release_epoch = release_epoch;
  cache->next_cache = all_caches;
  all_caches = cache;
  return cache;
}

}  // namespace

ThreadCache* of_this_thread() {
  if (own_cache != nullptr || is_exiting) return own_cache;
  own_cache = borrow();
  if (own_cache == nullptr) return nullptr;
  if (knobs.check_level == 0) fast_cache = own_cache;
  else if (knobs.check_level == 1) checked_cache = own_cache;
  if (has_exit_key) pthread_setspecific(exit_key, own_cache);  // may allocate, from that cache
  return own_cache;
}

ThreadCache* of_freeing_thread() {
  constexpr unsigned kFewFrees = 16;
  if (own_cache == nullptr && ++lone_frees < kFewFrees) return nullptr;
  return of_this_thread();
}

ThreadCache* borrow() {
  Locked locked(lock);
  set_up();
  reclaim_orphans();
  ThreadCache* cache = idle_caches;
  if (cache == nullptr) return make_cache();
  idle_caches = cache->next_idle;
  cache->is_idle = false;
  return cache;
}

void give_back(ThreadCache* cache) {
  cache->park();
  Locked locked(lock);
  push_idle(cache);
}

Span* adopt_slab(unsigned size_class, ThreadCache* heir) {
  if (idle_caches.load(std::memory_order_relaxed) == nullptr) return nullptr;
  Locked locked(lock);
  reclaim_orphans();
  const std::uint64_t present = purge_clock::now();
  for (ThreadCache* cache = idle_caches; cache != nullptr; cache = cache->next_idle) {
    if (purge_clock::is_due(cache->idle_since, present)) cache->release();
    else if (cache->has_mail()) cache->park();
    if (Span* slab = cache->bequeath(size_class, heir)) return slab;
  }
  return nullptr;
}

void heed_release(ThreadCache* cache) {
  const unsigned epoch = release_epoch.load(std::memory_order_relaxed);
  if (cache->release_epoch == epoch) return;
  cache->release_epoch = epoch;
  cache->release_pages();
}

void release_all() {
  ++release_epoch;
  if (own_cache != nullptr) heed_release(own_cache);
  Locked locked(lock);
  reclaim_orphans();
  for (ThreadCache* cache = idle_caches; cache != nullptr; cache = cache->next_idle)
    cache->release_pages();
}

void orphan_others() {
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache) {
    if (cache == own_cache || cache->is_idle) continue;
    ThreadCache* const next = cache->next_cache;
    new (cache) ThreadCache;
    cache->next_cache = next;
    cache->is_orphan = has_orphans = true;
    push_idle(cache);
  }
}

void for_each(void (*visit)(ThreadCache* cache, void* context), void* context) {
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache)
    visit(cache, context);
}

}  // namespace cache_registry
}  // namespace reference
