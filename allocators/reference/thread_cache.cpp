#include "thread_cache.h"

#include <cstring>

#include "cache_registry.h"
#include "knobs.h"
#include "message.h"
#include "span_heap.h"
#include "used_map.h"

namespace reference {

constinit Span no_slab;

namespace {

// A free block that was written to has no link to follow.
void require_mark(Block* block) {
  if (knobs.check_level != 0 && !free_mark::is_set(block)) fail("free block written to", block);
}

}  // namespace

Block* ThreadCache::refill(unsigned size_class) {
  if (has_mail()) collect();
  cache_registry::heed_release(this);
  Span* slab = current_[size_class];
  if (slab->free == nullptr) slab = next_slab(size_class);
  return slab != nullptr ? slab::pop(slab) : nullptr;
}

// Finds a slab with a non-empty free list and makes it current: waiting blocks first, then fresh
// blocks of touched slabs, then slabs without a thread, then a new one.
Span* ThreadCache::next_slab(unsigned size_class) {
  Span* front = available_[size_class].front;
  if (front == nullptr || front->free == nullptr) {
    Span* slab = current_[size_class];
    if (slab::can_carve(slab)) {
      slab::carve(slab);
      return slab;
    }
  }
  if (front != nullptr) {
    available_[size_class].remove(front);
  } else {
    front = cache_registry::adopt_slab(size_class, this);
    if (front == nullptr) front = new_slab(size_class);
    if (front == nullptr) return nullptr;
  }
  make_current(front);
  if (front->free == nullptr) slab::carve(front);
  return front;
}

Span* ThreadCache::new_slab(unsigned size_class) {
  const unsigned units = slab_units(size_class);
  Span* span = take_kept_span(units);
  if (span == nullptr) {
    halve_ready();
    span = take_span(units);
  }
  if (span != nullptr) slab::make(span, size_class, this);
  return span;
}

// Requires: the slab is in no list.
void ThreadCache::make_current(Span* slab) {
  Span*& current = current_[slab->size_class];
  if (current != &no_slab) make_available(current);
  current = slab;
  slab->state = SlabState::current;
  slab->set_alarm(-1);
}

// Requires: the slab is in no list and not current.
void ThreadCache::make_available(Span* slab) {
  if (!slab::has_room(slab)) {
    slab->state = SlabState::full;
    slab->set_alarm(static_cast<std::int32_t>(slab->capacity) - slab::wake_count(slab));
    return;
  }
  slab->state = SlabState::available;
  slab->set_alarm(0);
  if (slab->until_alarm == 0) {
    retire(slab);
  } else if (slab->free != nullptr) {
    available_[slab->size_class].push_front(slab);
  } else {
    available_[slab->size_class].push_back(slab);
  }
}

void ThreadCache::on_alarm(Span* slab) {
  if (slab->state == SlabState::available) {
    available_[slab->size_class].remove(slab);
    retire(slab);
  } else {
    make_available(slab);
  }
}

// Requires: the slab is empty and in no list.
void ThreadCache::retire(Span* slab) {
  set_owner(slab, nullptr);
  give_span(slab);
}

void ThreadCache::collect() {
  for_each_delivered(inbox_.exchange(nullptr, std::memory_order_acquire), [this](Block* block) {
    require_mark(block);
    ThreadCache* owner = owner_of(block);
    // The slab was adopted while the block was under way.
    if (owner != this) return free_remote(owner, block);
    if (knobs.check_level != 0) used_map::clear(block);
    free_own(span_of(block), block);
  });
}

void ThreadCache::post(Block* first, Block* last) {
  Block* head = inbox_.load(std::memory_order_relaxed);
  do slab::link(last, head);
  while (!inbox_.compare_exchange_weak(head, first, std::memory_order_release,
                                       std::memory_order_relaxed));
}

void ThreadCache::send(Parcel& parcel) {
  parcel.close();
  if (parcel.owner != nullptr) parcel.owner->post(parcel.first, parcel.last);
  parcel = Parcel{};
}

void ThreadCache::start_carrier(Parcel& parcel, ThreadCache* owner, Block* block) {
  if (parcel.owner != owner || parcel.is_full()) send(parcel);
  parcel.owner = owner;
  parcel.add_carrier(block);
  if (!parcel.has_room() && parcel.is_full()) send(parcel);
}

void ThreadCache::free_alone(ThreadCache* owner, Block* block) {
  Parcel parcel;
  start_carrier(parcel, owner, block);
  send(parcel);
}

// No more bytes of a class than twice what the knob says.
std::uint32_t ThreadCache::max_ready(unsigned size_class) {
  const std::size_t limit = 2 * knobs.thread_cache_bytes / kClassBytes[size_class];
  return limit < kMaxReady ? static_cast<std::uint32_t>(limit) : kMaxReady;
}

// Leaves at most `count` blocks at hand, the newest.
void ThreadCache::keep_ready(unsigned size_class, std::uint32_t count) {
  const unsigned medium = size_class - kFirstMedium;
  Ready& ready = ready_[medium];
  if (ready.count == 0) return;
  ready.limit = max_ready(size_class);
  if (ready.count <= count) return;
  const std::uint32_t surplus = ready.count - count;
  for (std::uint32_t index = surplus; index-- != 0;) {
    Block* block = ready_blocks_[index][medium];
    require_mark(block);
    free_own(span_of(block), block);
  }
  for (std::uint32_t index = 0; index != count; ++index)
    ready_blocks_[index][medium] = ready_blocks_[index + surplus][medium];
  ready.count = count;
}

void ThreadCache::shorten_ready(unsigned size_class) {
  keep_ready(size_class, max_ready(size_class) / 2);
}

// Blocks at hand may be all that keeps slabs of their classes from serving others: when more memory
// is needed, those that were not used for longest go first.
void ThreadCache::halve_ready() {
  for (unsigned index = kFirstMedium; index < kClasses; ++index) {
    const std::uint32_t count = ready_[index - kFirstMedium].count;
    if (count != 0) keep_ready(index, count / 2);
  }
}

Span* ThreadCache::take_span(unsigned units) {
  Span* span = take_kept_span(units);
  return span != nullptr ? span : span_heap::take(units);
}

Span* ThreadCache::remove_kept(unsigned index) {
  Span* span = kept_[index];
  --kept_count_;
  memmove(kept_ + index, kept_ + index + 1, (kept_count_ - index) * sizeof(Span*));
  kept_bytes_ -= span->bytes();
  set_owner(span, nullptr);
  return span;
}

// The newest kept span of this size, or nullptr.
Span* ThreadCache::take_kept_span(unsigned units) {
  for (unsigned index = kept_count_; index-- != 0;) {
    if (kept_[index]->units != units) continue;
    Span* span = remove_kept(index);
    span->zero = false;
    return span;
  }
  return nullptr;
}

void ThreadCache::give_span(Span* span) {
  const std::size_t limit = knobs.thread_cache_bytes;
  span->kind = SpanKind::free;
  if (span->bytes() > limit) return span_heap::give(span);
  while (kept_count_ == kKeptSpans || kept_bytes_ + span->bytes() > limit)
    span_heap::give(remove_kept(0));
  set_owner(span, this);
  kept_[kept_count_++] = span;
  kept_bytes_ += span->bytes();
}

void ThreadCache::send_all() {
  for (Parcel& parcel : outbox_) send(parcel);
}

void ThreadCache::park() {
  for (unsigned index = kFirstMedium; index < kClasses; ++index) keep_ready(index, 0);
  if (has_mail()) collect();
  send_all();
}

void ThreadCache::release() {
  park();
  for (Span*& slab : current_) {
    if (slab == &no_slab) continue;
    Span* left = slab;
    slab = &no_slab;
    make_available(left);
  }
  while (kept_count_ != 0) span_heap::give(remove_kept(kept_count_ - 1));
}

void ThreadCache::release_pages() {
  release();
  for (SpanList& slabs : available_) {
    // Those left without a list go to the back, behind the last one to look at.
    Span* const last = slabs.back;
    for (Span *slab = slabs.front, *next; slab != nullptr; slab = slab == last ? nullptr : next) {
      next = slab->next;
      slab::purge(slab);
      if (slab->free != nullptr) continue;
      slabs.remove(slab);
      slabs.push_back(slab);
    }
  }
}

Span* ThreadCache::bequeath(unsigned size_class, ThreadCache* heir) {
  Span* slab = available_[size_class].front;
  if (slab != nullptr) {
    available_[size_class].remove(slab);
  } else {
    slab = current_[size_class];
    if (!slab::has_room(slab)) return nullptr;
    current_[size_class] = &no_slab;
  }
  set_owner(slab, heir);
  return slab;
}

void ThreadCache::for_each_travelling(void (*visit)(Block* block, void* context), void* context) {
  const auto visit_block = [=](Block* block) { visit(block, context); };
  for_each_delivered(inbox_.load(std::memory_order_relaxed), visit_block);
  for (Parcel& parcel : outbox_) {
    parcel.close();
    for_each_delivered(parcel.first, visit_block);
  }
  for (unsigned medium = 0; medium != kMediumCount; ++medium) {
    for (std::uint32_t i = 0; i != ready_[medium].count; ++i) visit_block(ready_blocks_[i][medium]);
  }
}

}  // namespace reference
