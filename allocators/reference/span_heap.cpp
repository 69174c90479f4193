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
static_assert(1 + kMapUnits <= 8, "the first step covers the header");

using Bucket = List<Segment, &Segment::in_bucket>;

// Every segment is in the bucket of its largest free order; the first one holds segments without a
// free unit.
constinit Bucket buckets[Buddy::kMaxOrder + 2];
constinit List<Segment, &Segment::in_queue> queue;  // all with dirty units, oldest first
constinit std::size_t segments = 0;
constinit std::size_t dirty_units = 0;
constinit std::size_t used_units = 0;

// Free memory that no request fits into is fragmentation: beyond this share of what is in use, the
// oldest is purged before clean memory is touched instead.
constexpr unsigned kSegmentsSearched = 32;
constexpr std::size_t kDirtyShare = 2;

std::uint64_t all_but_header() { return ~std::uint64_t{0} << header_units(); }

// The visitor may take the segment out of its bucket.
template <typename Visit>
void for_each_segment(Visit visit) {
  for (const Bucket& bucket : buckets) {
    for (Segment *segment = bucket.front(), *next; segment != nullptr; segment = next) {
      next = bucket.next(segment);
      visit(segment);
    }
  }
}

void link(Segment* segment) {
  segment->bucket = segment->buddy.largest_order() + 1;
  buckets[segment->bucket].push_front(segment);
}

void unlink(Segment* segment) { buckets[segment->bucket].remove(segment); }

void relink(Segment* segment) {
  if (segment->bucket == segment->buddy.largest_order() + 1) return;
  unlink(segment);
  link(segment);
}

void mark_dirty(Segment* segment, std::uint64_t units) {
  segment->dirty |= units;
  dirty_units += static_cast<std::size_t>(std::popcount(units));
  if (segment->in_dirty_queue) return;
  segment->in_dirty_queue = true;
  segment->dirty_since = purge_clock::now();
  queue.push_back(segment);
}

// Takes the mark from those of the units that are dirty. Returns them.
std::uint64_t unmark_dirty(Segment* segment, std::uint64_t units) {
  const std::uint64_t were_dirty = segment->dirty & units;
  segment->dirty &= ~units;
  dirty_units -= static_cast<std::size_t>(std::popcount(were_dirty));
  return were_dirty;
}

// A kept extent, wholly dirty, or fresh address space becomes a segment. Returns nullptr when there
// is neither.
Segment* add_segment() {
  void* start = knobs.source == Source::mmap ? extents::take_kept(kSegmentBytes) : nullptr;
  const bool is_fresh = start == nullptr;
  if (is_fresh) {
    start = pages::map(kSegmentBytes, commit_units() * kUnitBytes, kSegmentBytes, 0, knobs.source);
    if (start == nullptr) return nullptr;
    extents::account(kSegmentBytes);
  }
  auto* segment = new (start) Segment;
  segment->spans[0].kind = SpanKind::free;
  segment->buddy = Buddy(all_but_header());
  segment->committed_units = is_fresh ? commit_units() : kUnitsPerSegment;
  if (!is_fresh) mark_dirty(segment, all_but_header());
  if (!is_fresh && knobs.check_level != 0) used_map::wipe(segment);
  header_map::set(segment, header_map::Range::segment);
  link(segment);
  ++segments;
  return segment;
}

Segment* segment_with(unsigned order) {
  for (unsigned bucket = order + 1; bucket <= Buddy::kMaxOrder + 1; ++bucket) {
    if (Segment* segment = buckets[bucket].front()) return segment;
  }
  return add_segment();
}

// Requires: no unit of the segment is used or marked dirty. Returns false when the OS would not
// take it; then it stays a segment.
bool release(Segment* segment) {
  unlink(segment);
  header_map::set(segment, header_map::Range::foreign);
  if (pages::release(segment, kSegmentBytes)) {
    extents::account(-static_cast<std::ptrdiff_t>(kSegmentBytes));
    --segments;
    return true;
  }
  header_map::set(segment, header_map::Range::segment);
  link(segment);
  return false;
}

// What the OS refuses to purge becomes dirty again.
void purge(Segment* segment, std::uint64_t units) {
  while (units != 0) {
    const unsigned first = static_cast<unsigned>(std::countr_zero(units));
    const unsigned count = static_cast<unsigned>(std::countr_one(units >> first));
    const std::uint64_t run = Buddy::mask(first, count);
    if (!pages::purge(offset(segment, first * kUnitBytes), count * kUnitBytes))
      mark_dirty(segment, run);
    units &= ~run;
  }
}

// Gives back what the segment does not use: all of it when it is free. Returns false when the OS
// refused some: that is tried again after another delay.
bool give_back(Segment* segment) {
  const std::uint64_t dirty = unmark_dirty(segment, segment->dirty);
  if (segment->in_dirty_queue) queue.remove(segment);
  segment->in_dirty_queue = false;
  if (segment->buddy.free_units() == all_but_header() && release(segment)) return true;
  purge(segment, dirty);
  return segment->dirty == 0;
}

bool is_past_threshold() { return dirty_units * kUnitBytes > knobs.trim_threshold_bytes; }

void purge_old() {
  const std::uint64_t present = purge_clock::now();
  while (is_past_threshold() && purge_clock::is_due(queue.front()->dirty_since, present)) {
    if (!give_back(queue.front())) return;
  }
}

// Called when clean memory is about to be touched although dirty memory is free.
void give_way() {
  while (is_past_threshold() && dirty_units > used_units / kDirtyShare) {
    if (!give_back(queue.front())) return;
  }
}

bool commit_to(Segment* segment, unsigned end_unit) {
  const unsigned from = segment->committed_units;
  if (end_unit <= from) return true;
  const unsigned target = static_cast<unsigned>(align_up(end_unit, commit_units()));
  if (!pages::commit(offset(segment, from * kUnitBytes), (target - from) * kUnitBytes))
    return false;
  segment->committed_units = target;
  return true;
}

// Makes units usable that were just taken from the buddy system, and tells whether they read as
// zero. Returns false when the OS has no memory; then they are free again.
bool use(Segment* segment, unsigned first, unsigned units, bool& zero) {
  if (!commit_to(segment, first + units)) {
    segment->buddy.give(first, units);
    return false;
  }
  zero = unmark_dirty(segment, Buddy::mask(first, units)) == 0;
  used_units += units;
  relink(segment);
  return true;
}

void unuse(Segment* segment, unsigned first, unsigned units) {
  segment->buddy.give(first, units);
  mark_dirty(segment, Buddy::mask(first, units));
  used_units -= units;
  relink(segment);
}

// Returns the units just taken from the buddy system as one span, or nullptr.
Span* make_span(Segment* segment, unsigned first, unsigned units) {
  Span* span = &segment->spans[first];
  if (!use(segment, first, units, span->zero)) return nullptr;
  span->kind = SpanKind::free;
  span->start = offset(segment, first * kUnitBytes);
  span->first = static_cast<std::uint8_t>(first);
  span->units = static_cast<std::uint8_t>(units);
  describe(span, nullptr, kNoClass);
  return span;
}

// Looks for resident memory before clean memory is touched, in the segments whose free memory is
// oldest.
Span* take_dirty(unsigned units) {
  unsigned tries = kSegmentsSearched;
  for (Segment* segment = queue.front(); segment != nullptr && tries-- != 0;
       segment = queue.next(segment)) {
    const unsigned first = segment->buddy.find(units, segment->dirty);
    if (first == Buddy::kNone) continue;
    segment->buddy.take_at(first, units);
    return make_span(segment, first, units);
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
  Span* span = make_span(segment, segment->buddy.take(units), units);
  if (span != nullptr && span->zero) give_way();
  return span;
}

void give(Span* span) {
  Locked locked(lock);
  purge_clock::tick();
  span->kind = SpanKind::free;
  unuse(segment_of(span), span->first, span->units);
  purge_old();
}

bool resize(Span* span, unsigned units) {
  Locked locked(lock);
  Segment* segment = segment_of(span);
  const unsigned end = span->first + span->units;
  const unsigned new_end = span->first + units;
  if (new_end > kUnitsPerSegment) return false;
  if (new_end > end) {
    const unsigned more = new_end - end;
    if (!segment->buddy.take_at(end, more) || !use(segment, end, more, span->zero)) return false;
  } else if (new_end < end) {
    unuse(segment, new_end, end - new_end);
  }
  span->units = static_cast<std::uint8_t>(units);
  describe(span, nullptr, kNoClass);
  return true;
}

void release_all() {
  Locked locked(lock);
  // From brk, a segment can go once the one above it is gone.
  for (std::size_t before = 0; before != segments;) {
    before = segments;
    for_each_segment(give_back);
  }
}

Totals totals() {
  Locked locked(lock);
  const std::size_t units = segments * (kUnitsPerSegment - header_units());
  return {segments, (units - used_units) * kUnitBytes, dirty_units * kUnitBytes};
}

void for_each_span(void (*visit)(Segment* segment, Span* span, void* context), void* context) {
  Locked locked(lock);
  for_each_segment([&](Segment* segment) {
    for (std::uint64_t used = ~segment->buddy.free_units() & all_but_header(); used != 0;) {
      Span* span = &segment->spans[segment->units[std::countr_zero(used)].first];
      visit(segment, span, context);
      used &= ~Buddy::mask(span->first, span->units);
    }
  });
}

}  // namespace reference::span_heap
