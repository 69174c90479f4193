#include "thread_cache.h"

#include <algorithm>

#include "cache_registry.h"
#include "free_mark.h"
#include "knobs.h"
#include "pages.h"
#include "span_heap.h"

namespace reference {

void ThreadCache::send(Parcel& parcel) {
  if (parcel.is_empty()) return;
  std::atomic<Block*>& inbox = parcel.owner->inbox_;
  Carrier* last;
  Carrier* first = parcel.close(last);
  Block* head = inbox.load(std::memory_order_relaxed);
  do Parcel::link(last, head);
  while (!inbox.compare_exchange_weak(head, first, std::memory_order_release,
                                      std::memory_order_relaxed));
}

bool ThreadCache::send(Block* block) {
  const Unit& unit = unit_of(block);
  ThreadCache* owner = unit.owner.load(std::memory_order_relaxed);
  if (owner == nullptr || owner == this || this == &no_cache) return false;
  Parcel& parcel = outbox_[address_of(owner) / kUnitBytes % kParcels];
  if (parcel.owner != owner || parcel.is_full()) send(parcel);
  parcel.owner = owner;
  parcel.add(block, kClassBytes[unit.size_class]);
  return true;
}

void ThreadCache::send_home(Block* block) {
  Parcel parcel;
  parcel.owner = unit_of(block).owner.load(std::memory_order_relaxed);
  parcel.add(block, 0);
  send(parcel);
}

// How many blocks a bin may hold. Of medium blocks few fill a slab, so each is worth more.
std::size_t ThreadCache::max_blocks(unsigned size_class) {
  const std::size_t blocks = knobs.thread_cache_bytes / kClassBytes[size_class];
  return std::min(size_class < kFirstMedium ? blocks / 32 : blocks * 2, kBinBlocks);
}

Block* ThreadCache::refill(unsigned size_class) {
  if (has_mail()) collect();
  cache_registry::heed_release(this);
  Block** const row = rows_[size_class];
  const std::size_t limit = max_blocks(size_class);
  std::size_t got = 0;
  for (const std::size_t wanted = limit / 2 + 1; got < wanted;) {
    Span* slab = slabs_[size_class].front();
    if (slab == nullptr && got == 0) slab = next_slab(size_class);
    if (slab == nullptr) break;
    got += slab::take(slab, row + 1 + got, wanted - got);
    if (slab::is_full(slab)) slabs_[size_class].remove(slab);
  }
  row[0] = nullptr;
  bins_[size_class] = {row[got], row + got, row + limit};
  return take(size_class);
}

Span* ThreadCache::next_slab(unsigned size_class) {
  Span* slab = cache_registry::adopt_slab(size_class, this);
  if (slab == nullptr) {
    slab = take_span(slab_units(size_class));
    if (slab == nullptr) return nullptr;
    slab::make(slab, size_class, this);
  }
  slabs_[size_class].push_front(slab);
  return slab;
}

void ThreadCache::deallocate(Block* block) {
  if (send(block)) return;
  Span* slab = span_of(block);
  SpanList& slabs = slabs_[slab->size_class];
  if (slab::is_full(slab)) slabs.push_back(slab);
  slab::give(slab, block);
  if (slab->used != 0) return;
  // The last one stays, if the thread may keep as much.
  if (slabs.front() == slabs.back() && slab->bytes() <= knobs.thread_cache_bytes) return;
  slabs.remove(slab);
  give_span(slab);
}

void ThreadCache::empty_bin(unsigned size_class) {
  while (Block* block = take(size_class)) {
    free_mark::require(block);
    deallocate(block);
  }
}

// What was adopted by another thread while it was under way is sent on.
void ThreadCache::collect() {
  Parcel::for_each_delivered(inbox_.exchange(nullptr, std::memory_order_acquire),
                             [this](Block* block) { deallocate(block); });
}

// The newest kept span of this size, else one of the span heap. Blocks in bins may be all that
// keeps slabs of their classes from serving others: before more memory is taken, two of them go
// home, each in its turn.
Span* ThreadCache::take_span(unsigned units) {
  for (Span* span = kept_.front(); span != nullptr; span = SpanList::next(span)) {
    if (span->units != units) continue;
    remove_kept(span);
    span->zero = false;
    return span;
  }
  for (int i = 0; i != 2; ++i) empty_bin(to_empty_ = (to_empty_ + 1) % kClasses);
  return span_heap::take(units);
}

void ThreadCache::give_span(Span* span) {
  span->kind = SpanKind::free;
  if (span->bytes() > knobs.thread_cache_bytes) return span_heap::give(span);
  describe(span, this, kNoClass);
  keep(span);
  release_kept(knobs.thread_cache_bytes);
}

void ThreadCache::keep(Span* span) {
  kept_.push_front(span);
  kept_bytes_ += span->bytes();
}

void ThreadCache::remove_kept(Span* span) {
  kept_.remove(span);
  kept_bytes_ -= span->bytes();
  describe(span, nullptr, kNoClass);
}

// Gives the oldest kept spans to the span heap until at most `bytes` are left.
void ThreadCache::release_kept(std::size_t bytes) {
  while (kept_bytes_ > bytes) {
    Span* span = kept_.back();
    remove_kept(span);
    span_heap::give(span);
  }
}

void ThreadCache::park() {
  for (unsigned index = 0; index < kClasses; ++index) empty_bin(index);
  if (has_mail()) collect();
  for (Parcel& parcel : outbox_) send(parcel);
}

void ThreadCache::release() {
  park();
  for (SpanList& slabs : slabs_) {
    Span* slab = slabs.front();
    if (slab == nullptr || slab->used != 0) continue;
    slabs.remove(slab);
    give_span(slab);
  }
  release_kept(0);
}

void ThreadCache::release_pages() {
  release();
  for (SpanList& slabs : slabs_) {
    for (Span* slab = slabs.front(); slab != nullptr; slab = SpanList::next(slab))
      slab::purge(slab);
  }
  pages::purge(rows_, sizeof rows_);
}

Span* ThreadCache::bequeath(unsigned size_class, ThreadCache* heir) {
  Span* slab = slabs_[size_class].front();
  if (slab == nullptr) return nullptr;
  slabs_[size_class].remove(slab);
  set_owner(slab, heir);
  return slab;
}

void ThreadCache::reclaim(Span* span) {
  if (span->kind != SpanKind::slab) return keep(span);
  slab::recount(span);
  if (!slab::is_full(span)) slabs_[span->size_class].push_back(span);
}

void ThreadCache::for_each_travelling(void (*visit)(Block* block, void* context), void* context) {
  const auto visit_block = [=](Block* block) { visit(block, context); };
  Parcel::for_each_delivered(inbox_.load(std::memory_order_relaxed), visit_block);
  for (Parcel& parcel : outbox_) parcel.for_each(visit_block);
  for (const Bin& bin : bins_) {
    if (bin.top == nullptr) continue;
    visit_block(bin.top);
    for (Block** at = bin.end - 1; *at != nullptr; --at) visit_block(*at);
  }
}

}  // namespace reference
