#include "statistics.h"

#include "cache_registry.h"
#include "check.h"
#include "direct.h"
#include "extents.h"
#include "header_map.h"
#include "knobs.h"
#include "pages.h"
#include "size_class.h"
#include "span_heap.h"

using Totals = reference_totals;

namespace reference {
namespace {

static_assert(REFERENCE_CLASSES == kClasses);

Totals& totals_of(void* context) { return *static_cast<Totals*>(context); }

void add_slab(Totals& sum, const Span* slab) {
  auto& entry = sum.classes[slab->size_class];
  const std::size_t used = slab->used;
  ++entry.slabs;
  entry.live_blocks += used;
  entry.block_bytes += used * slab->block_bytes;
  entry.cached_bytes += slab->bytes() - used * slab->block_bytes;
}

void add_span(Segment*, Span* span, void* context) {
  Totals& sum = totals_of(context);
  switch (span->kind) {
    case SpanKind::slab:
      return add_slab(sum, span);
    case SpanKind::large:
      sum.large_bytes += span->bytes();
      ++sum.live_blocks;
      return;
    case SpanKind::cache:
      sum.metadata_bytes += span->bytes();
      return;
    default:
      sum.kept_span_bytes += span->bytes();
  }
}

// A block that a slab counts as used, though the program has freed it.
void subtract_block(Totals& sum, const void* block) {
  const Span* slab = span_of(block);
  auto& entry = sum.classes[slab->size_class];
  --entry.live_blocks;
  entry.block_bytes -= slab->block_bytes;
  entry.cached_bytes += slab->block_bytes;
}

void subtract_travelling(Block* block, void* context) { subtract_block(totals_of(context), block); }

void subtract_quarantined(void* block, void* context) { subtract_block(totals_of(context), block); }

void subtract_all_travelling(ThreadCache* cache, void* context) {
  cache->for_each_travelling(subtract_travelling, context);
}

void add_segments(Totals& sum) {
  const auto totals = span_heap::totals();
  sum.mapped_bytes += totals.segments * kSegmentBytes;
  sum.metadata_bytes += totals.segments * header_units() * kUnitBytes;
  sum.retained_bytes += totals.free_bytes;
  sum.dirty_bytes += totals.dirty_bytes;
  span_heap::for_each_span(add_span, &sum);
}

void add_direct(const Segment* header, void* context) {
  Totals& sum = totals_of(context);
  const std::size_t block_bytes = header->spans[0].block_bytes;
  ++sum.live_blocks;
  sum.mapped_bytes += header->mapped_bytes;
  sum.metadata_bytes += header->block_offset;
  sum.direct_bytes += block_bytes;
  sum.direct_slack_bytes += header->mapped_bytes - header->block_offset - block_bytes;
}

void add_extents(Totals& sum) {
  direct::for_each_block(add_direct, &sum);
  const std::size_t kept_bytes = extents::kept_bytes();
  sum.mapped_bytes += kept_bytes;
  sum.retained_bytes += kept_bytes;
  sum.dirty_bytes += kept_bytes;
}

void add_classes(Totals& sum) {
  for (unsigned index = 0; index < kClasses; ++index) {
    auto& entry = sum.classes[index];
    entry.class_bytes = kClassBytes[index];
    sum.live_blocks += entry.live_blocks;
    sum.block_bytes += entry.block_bytes;
    sum.cached_bytes += entry.cached_bytes;
  }
  sum.block_bytes += sum.large_bytes + sum.direct_bytes;
  sum.cached_bytes += sum.kept_span_bytes + sum.direct_slack_bytes;
}

struct Walk {
  reference_span_visitor visit;
  void* context;
};

void visit_span(Segment*, Span* span, void* context) {
  reference_span seen = {};
  seen.start = span->start;
  seen.span_bytes = span->bytes();
  seen.kind = REFERENCE_KEPT;
  if (span->kind == SpanKind::slab) {
    seen.kind = REFERENCE_SLAB;
    seen.class_bytes = span->block_bytes;
    seen.capacity = span->capacity;
    seen.live_blocks = span->used;
  } else if (span->kind == SpanKind::large) {
    seen.kind = REFERENCE_LARGE;
    seen.class_bytes = span->block_bytes;
    seen.capacity = seen.live_blocks = 1;
  } else if (span->kind == SpanKind::cache) {
    seen.kind = REFERENCE_CACHE;
  }
  const auto* walk = static_cast<const Walk*>(context);
  walk->visit(&seen, walk->context);
}

void visit_direct(const Segment* header, void* context) {
  const reference_span seen = {
      REFERENCE_DIRECT, header, header->mapped_bytes, header->spans[0].block_bytes, 1, 1};
  const auto* walk = static_cast<const Walk*>(context);
  walk->visit(&seen, walk->context);
}

}  // namespace
}  // namespace reference

extern "C" [[gnu::visibility("default")]] void reference_statistics(Totals* into) {
  using namespace reference;
  *into = {};
  add_segments(*into);
  add_extents(*into);
  cache_registry::for_each(subtract_all_travelling, into);
  check::for_each_quarantined(subtract_quarantined, into);
  add_classes(*into);
  into->stranded_bytes = pages::stranded_bytes();
  into->metadata_bytes += header_map::mapped_bytes();
  into->mapped_bytes += header_map::mapped_bytes() + into->stranded_bytes;
  into->live_bytes = knobs.check_level == 2 ? check::live_bytes() : REFERENCE_UNKNOWN;
}

extern "C" [[gnu::visibility("default")]] void reference_walk(reference_span_visitor visit,
                                                              void* context) {
  using namespace reference;
  Walk walk = {visit, context};
  span_heap::for_each_span(visit_span, &walk);
  direct::for_each_block(visit_direct, &walk);
}
