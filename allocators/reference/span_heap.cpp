#include "span_heap.h"

#include <bit>
#include <new>

#include "extents.h"
#include "header_map.h"
#include "knobs.h"
#include "pages.h"
#include "purge_clock.h"
#include "used_map.h"

namespace reference::span_heap {

constinit Lock lock;

namespace {

// Commit in steps of 512 KiB: few system calls, little memory charged early. A huge page needs
// 2 MiB of one kind of memory.
unsigned commit_units() { return knobs.huge_pages ? 32 : 8; }

constexpr std::uint64_t kAllButHeader = ~std::uint64_t{1};
constexpr int kBuckets = Buddy::kMaxOrder + 2;
constexpr int kFreeBucket = Buddy::kMaxOrder - 1;  // free segments: units 32 to 63 are one block

// Every segment is in the bucket of its largest free order; the last one holds segments without a
// free unit.
constinit Segment* buckets[kBuckets] = {};
constinit Segment* dirty_front = nullptr;  // queue of segments with dirty units, oldest first
constinit Segment* dirty_back = nullptr;
constinit std::size_t dirty_units = 0;
constinit std::size_t used_units = 0;

// Free memory that no request fits into is fragmentation: beyond this share of what is in use, the
// oldest is purged before clean memory is touched instead.
constexpr unsigned kSegmentsSearched = 32;
constexpr std::size_t kDirtyShare = 2;

int bucket_for(const Segment* segment) {
  const int order = segment->buddy.largest_order();
  return order < 0 ? kBuckets - 1 : order;
}

void unlink(Segment* segment) {
  (segment->prev != nullptr ? segment->prev->next : buckets[segment->bucket]) = segment->next;
  if (segment->next != nullptr) segment->next->prev = segment->prev;
}

void link(Segment* segment) {
  segment->bucket = bucket_for(segment);
  segment->prev = nullptr;
  segment->next = buckets[segment->bucket];
  if (segment->next != nullptr) segment->next->prev = segment;
  buckets[segment->bucket] = segment;
}

void relink(Segment* segment) {
  if (segment->bucket == bucket_for(segment)) return;
  unlink(segment);
  link(segment);
}

bool commit_to(Segment* segment, unsigned end_unit) {
  if (end_unit <= segment->committed_units) return true;
  const unsigned target = static_cast<unsigned>(align_up(end_unit, commit_units()));
  const unsigned from = segment->committed_units;
  if (!pages::commit(offset(segment, from * kUnitBytes), (target - from) * kUnitBytes))
    return false;
  segment->committed_units = target;
  return true;
}

void mark_dirty(Segment* segment, std::uint64_t units) {
  segment->dirty |= units;
  dirty_units += static_cast<std::size_t>(std::popcount(units));
  if (segment->in_dirty_queue) return;
  segment->in_dirty_queue = true;
  segment->dirty_since = purge_clock::now();
  segment->next_dirty = nullptr;
  (dirty_back != nullptr ? dirty_back->next_dirty : dirty_front) = segment;
  dirty_back = segment;
}

// Returns whether the units were all clean.
bool mark_used(Segment* segment, std::uint64_t units) {
  const std::uint64_t was_dirty = segment->dirty & units;
  segment->dirty &= ~units;
  dirty_units -= static_cast<std::size_t>(std::popcount(was_dirty));
  return was_dirty == 0;
}

// Address space for a segment: a kept extent, wholly dirty, or fresh. Returns nullptr when there is
// none.
void* segment_space(bool& is_fresh) {
  is_fresh = false;
  if (knobs.source == Source::mmap) {
    if (void* kept = extents::take_kept(kSegmentBytes)) return kept;
  }
  is_fresh = true;
  void* start = pages::reserve(kSegmentBytes, kSegmentBytes, 0, knobs.source);
  if (start == nullptr) return nullptr;
  if (pages::commit(start, commit_units() * kUnitBytes)) {
    extents::account(kSegmentBytes);
    return start;
  }
  pages::drop(start, kSegmentBytes);
  return nullptr;
}

Segment* add_segment() {
  bool is_fresh;
  void* start = segment_space(is_fresh);
  if (start == nullptr) return nullptr;
  auto* segment = new (start) Segment;
  segment->buddy = Buddy(kAllButHeader);
  segment->committed_units = is_fresh ? commit_units() : kUnitsPerSegment;
  link(segment);
  if (knobs.check_level != 0 && !is_fresh) used_map::wipe(segment);
  header_map::add(segment, header_map::Range::segment);
  if (!is_fresh) mark_dirty(segment, kAllButHeader);
  return segment;
}

Segment* segment_with(unsigned order) {
  for (unsigned bucket = order; bucket <= Buddy::kMaxOrder; ++bucket) {
    if (buckets[bucket] != nullptr) return buckets[bucket];
  }
  return add_segment();
}

bool is_free(const Segment* segment) { return segment->buddy.free_units() == kAllButHeader; }

void purge_run(Segment* segment, unsigned first, unsigned units) {
  if (!pages::purge(offset(segment, first * kUnitBytes), units * kUnitBytes)) return;
  mark_used(segment, Buddy::mask(first, units));
}

void purge_dirty_units(Segment* segment) {
  std::uint64_t rest = segment->dirty;
  while (rest != 0) {
    const unsigned first = static_cast<unsigned>(std::countr_zero(rest));
    const unsigned units = static_cast<unsigned>(std::countr_one(rest >> first));
    purge_run(segment, first, units);
    rest &= ~Buddy::mask(first, units);
  }
}

Segment* pop_dirty() {
  Segment* segment = dirty_front;
  dirty_front = segment->next_dirty;
  if (dirty_front == nullptr) dirty_back = nullptr;
  segment->in_dirty_queue = false;
  return segment;
}

// Gives back what the segment does not use: all of it when it is free. Returns false when the OS
// refused some: then it waits at the end of the queue.
bool give_back(Segment* segment) {
  const std::size_t dirty_before = static_cast<std::size_t>(std::popcount(segment->dirty));
  if (is_free(segment)) {
    unlink(segment);
    if (pages::release(segment, kSegmentBytes)) {
      dirty_units -= dirty_before;
      header_map::remove(segment);
      extents::account(-static_cast<std::ptrdiff_t>(kSegmentBytes));
      return true;
    }
    link(segment);
  }
  purge_dirty_units(segment);
  // What the OS refused to purge is tried again after another delay.
  const std::uint64_t refused = segment->dirty;
  mark_used(segment, refused);
  if (refused != 0) mark_dirty(segment, refused);
  return refused == 0;
}

void purge_old() {
  const std::uint64_t present = purge_clock::now();
  while (dirty_front != nullptr && dirty_units * kUnitBytes > knobs.trim_threshold_bytes &&
         purge_clock::is_due(dirty_front->dirty_since, present)) {
    if (!give_back(pop_dirty())) return;
  }
}

// Called when clean memory is about to be touched although dirty memory is free.
void give_way() {
  while (dirty_front != nullptr && dirty_units > used_units / kDirtyShare &&
         dirty_units * kUnitBytes > knobs.trim_threshold_bytes) {
    if (!give_back(pop_dirty())) return;
  }
}

// Prepares the units just taken from the buddy system as one span.
Span* make_span(Segment* segment, unsigned first, unsigned units) {
  Span* span = &segment->spans[first];
  span->zero = mark_used(segment, Buddy::mask(first, units));
  span->units = static_cast<std::uint8_t>(units);
  for (unsigned unit = first; unit < first + units; ++unit) segment->units[unit].span = span;
  return span;
}

Span* use(Segment* segment, unsigned first, unsigned units) {
  relink(segment);
  used_units += units;
  return make_span(segment, first, units);
}

// Looks for resident memory before clean memory is touched, in the segments whose free memory is
// oldest.
Span* take_dirty(unsigned units) {
  unsigned tries = kSegmentsSearched;
  for (Segment* segment = dirty_front; segment != nullptr && tries-- != 0;
       segment = segment->next_dirty) {
    const unsigned first = segment->buddy.find(units, segment->dirty);
    if (first == Buddy::kNone) continue;
    segment->buddy.take_at(first, units);
    return use(segment, first, units);
  }
  return nullptr;
}

}  // namespace

Span* take(unsigned units) {
  Locked locked(lock);
  purge_clock::tick();
  if (Span* span = take_dirty(units)) return span;
  Segment* segment = segment_with(Buddy::order_of(units));
  if (segment == nullptr) return nullptr;
  const unsigned first = segment->buddy.take(units, segment->dirty);
  if (!commit_to(segment, first + units)) {
    segment->buddy.give(first, units);
    return nullptr;
  }
  Span* span = use(segment, first, units);
  if (span->zero) give_way();
  return span;
}

void give(Span* span) {
  Locked locked(lock);
  purge_clock::tick();
  Segment* segment = segment_of(span);
  const unsigned first = segment->first_unit(span);
  segment->buddy.give(first, span->units);
  used_units -= span->units;
  mark_dirty(segment, Buddy::mask(first, span->units));
  span->kind = SpanKind::free;
  relink(segment);
  purge_old();
}

bool resize(Span* span, unsigned units) {
  Locked locked(lock);
  Segment* segment = segment_of(span);
  const unsigned first = segment->first_unit(span);
  const unsigned old_units = span->units;
  if (units < old_units) {
    segment->buddy.give(first + units, old_units - units);
    mark_dirty(segment, Buddy::mask(first + units, old_units - units));
  } else if (units > old_units) {
    const unsigned more = units - old_units;
    if (first + units > kUnitsPerSegment || !segment->buddy.take_at(first + old_units, more))
      return false;
    if (!commit_to(segment, first + units)) {
      segment->buddy.give(first + old_units, more);
      return false;
    }
    make_span(segment, first, units);
  }
  used_units += units - old_units;
  span->units = static_cast<std::uint8_t>(units);
  relink(segment);
  return true;
}

void release_all() {
  Locked locked(lock);
  for (Segment* last = dirty_back; dirty_front != nullptr;) {
    Segment* segment = pop_dirty();
    give_back(segment);
    if (segment == last) break;
  }
  // Free segments that are clean already.
  for (Segment *segment = buckets[kFreeBucket], *next; segment != nullptr; segment = next) {
    next = segment->next;
    if (is_free(segment) && !segment->in_dirty_queue) give_back(segment);
  }
}

Totals totals() {
  Locked locked(lock);
  Totals sum;
  for (Segment* segment : buckets) {
    for (; segment != nullptr; segment = segment->next) {
      ++sum.segments;
      sum.free_bytes +=
          static_cast<std::size_t>(std::popcount(segment->buddy.free_units())) * kUnitBytes;
    }
  }
  sum.dirty_bytes = dirty_units * kUnitBytes;
  return sum;
}

void for_each_span(void (*visit)(Segment* segment, Span* span, void* context), void* context) {
  Locked locked(lock);
  for (Segment* segment : buckets) {
    for (; segment != nullptr; segment = segment->next) {
      for (std::uint64_t used = ~segment->buddy.free_units() & kAllButHeader; used != 0;) {
        Span* span = segment->units[std::countr_zero(used)].span;
        visit(segment, span, context);
        used &= ~Buddy::mask(segment->first_unit(span), span->units);
      }
    }
  }
}

}  // namespace reference::span_heap
