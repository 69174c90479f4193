#include "cache_registry.h"

#include <pthread.h>

#include <new>

#include "free_mark.h"
#include "header_map.h"
#include "knobs.h"
#include "message.h"
#include "orphans.h"
#include "os.h"
#include "pages.h"
#include "purge_clock.h"

namespace reference {

constinit ThreadCache no_cache;

namespace cache_registry {

constinit Lock lock;

namespace {

constexpr std::size_t kChunkBytes = 64 << 10;

constinit ThreadCache* all_caches = nullptr;
constinit ThreadCache* idle_caches = nullptr;
constinit std::atomic<unsigned> idle_count = 0;
constinit std::atomic<unsigned> release_epoch = 0;

// Caches are cut from chunks and never given back: their number is that of the threads alive at
// once.
constinit char* chunk = nullptr;
constinit std::size_t chunk_left = 0;
constinit std::size_t chunk_mapped_bytes = 0;

constinit std::atomic<bool> has_orphans = false;

constinit bool is_set_up = false;
constinit pthread_key_t exit_key = 0;
constinit bool has_exit_key = false;  // without it, caches of threads that end stay unused

constinit thread_local ThreadCache* own_cache [[gnu::tls_model("initial-exec")]] = nullptr;
constinit thread_local bool is_exiting [[gnu::tls_model("initial-exec")]] = false;

// Requires: lock held.
void link_idle(ThreadCache* cache) {
  cache->idle_since = purge_clock::now();
  cache->next_idle = idle_caches;
  idle_caches = cache;
  idle_count.fetch_add(1, std::memory_order_relaxed);
}

void push_idle(ThreadCache* cache) {
  cache->park();
  Locked locked(lock);
  link_idle(cache);
}

// Requires: lock held.
void take_in_orphans(ThreadCache* heir) {
  if (!has_orphans.load(std::memory_order_relaxed)) return;
  has_orphans.store(false, std::memory_order_relaxed);
  orphans::adopt_all(heir);
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache) {
    if (!cache->is_orphan) continue;
    cache->is_orphan = false;
    link_idle(cache);
  }
}

void leave(void* own) {
  auto* cache = static_cast<ThreadCache*>(own);
  fast_cache = checked_cache = &no_cache;
  own_cache = nullptr;
  is_exiting = true;
  push_idle(cache);
}

void set_up_checks() {
  if (!header_map::set_up()) {
    warn("no memory for the checks: they stay off");
    knobs.check_level = 0;
    return;
  }
  unchecked_bytes = 0;
  unchecked_limit = 0;
  free_mark::secret ^= address_of(&knobs) * 0x9e3779b97f4a7c15;
}

// Requires: lock held.
void set_up() {
  if (is_set_up) return;
  is_set_up = true;
  load_knobs();
  if (knobs.check_level != 0) set_up_checks();
  has_exit_key = pthread_key_create(&exit_key, leave) == 0;
}

// Requires: lock held.
ThreadCache* make_cache() {
  static_assert(sizeof(ThreadCache) <= kChunkBytes);
  if (chunk_left < sizeof(ThreadCache)) {
    void* fresh = pages::reserve(kChunkBytes, kPageBytes, 0, Source::mmap);
    if (fresh == nullptr) return nullptr;
    if (!pages::commit(fresh, kChunkBytes)) {
      pages::drop(fresh, kChunkBytes);
      return nullptr;
    }
    chunk = static_cast<char*>(fresh);
    chunk_left = kChunkBytes;
    chunk_mapped_bytes += kChunkBytes;
  }
  auto* cache = new (chunk) ThreadCache;
  chunk += sizeof(ThreadCache);
  chunk_left -= sizeof(ThreadCache);
  cache->next_cache = all_caches;
  all_caches = cache;
  return cache;
}

// Requires: lock held.
ThreadCache* idle_or_new() {
  set_up();
  ThreadCache* cache = idle_caches;
  if (cache != nullptr) {
    idle_caches = cache->next_idle;
    idle_count.fetch_sub(1, std::memory_order_relaxed);
  } else {
    cache = make_cache();
  }
  if (cache != nullptr) take_in_orphans(cache);
  return cache;
}

}  // namespace

ThreadCache* of_this_thread() {
  if (own_cache != nullptr) return own_cache;
  if (is_exiting) return nullptr;
  own_cache = borrow();
  if (own_cache == nullptr) return nullptr;
  if (knobs.check_level == 0) fast_cache = own_cache;
  else if (knobs.check_level == 1) checked_cache = own_cache;
  if (has_exit_key) pthread_setspecific(exit_key, own_cache);  // may allocate, from that cache
  return own_cache;
}

ThreadCache* borrow() {
  Locked locked(lock);
  return idle_or_new();
}

void give_back(ThreadCache* cache) { push_idle(cache); }

Span* adopt_slab(unsigned size_class, ThreadCache* heir) {
  if (idle_count.load(std::memory_order_relaxed) == 0 &&
      !has_orphans.load(std::memory_order_relaxed))
    return nullptr;
  Locked locked(lock);
  take_in_orphans(heir);
  if (Span* slab = heir->bequeath(size_class, heir)) return slab;
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
  release_epoch.fetch_add(1, std::memory_order_relaxed);
  Locked locked(lock);
  if (own_cache != nullptr) {
    take_in_orphans(own_cache);
    heed_release(own_cache);
  }
  for (ThreadCache* cache = idle_caches; cache != nullptr; cache = cache->next_idle)
    cache->release_pages();
}

void orphan_others() {
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache)
    cache->is_orphan = cache != own_cache;
  for (ThreadCache* cache = idle_caches; cache != nullptr; cache = cache->next_idle)
    cache->is_orphan = false;
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache) {
    if (!cache->is_orphan) continue;
    ThreadCache* const next = cache->next_cache;
    new (cache) ThreadCache;
    cache->next_cache = next;
    cache->is_orphan = true;
    has_orphans.store(true, std::memory_order_relaxed);
  }
}

void for_each(void (*visit)(ThreadCache* cache, void* context), void* context) {
  for (ThreadCache* cache = all_caches; cache != nullptr; cache = cache->next_cache)
    visit(cache, context);
}

std::size_t mapped_bytes() { return chunk_mapped_bytes; }

}  // namespace cache_registry
}  // namespace reference
