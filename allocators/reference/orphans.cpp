#include "orphans.h"

#include "free_mark.h"
#include "knobs.h"
#include "slab.h"
#include "span_heap.h"

namespace reference::orphans {
namespace {

bool is_block_of(const Span* slab, const Block* block) {
  const std::size_t distance = address_of(block) - address_of(start_of(slab));
  return distance < slab->carved * slab->block_bytes && distance % slab->block_bytes == 0;
}

// A list with a cycle is longer than the counts say.
bool adds_up(const Span* slab) {
  if (slab->used() < 0 || slab->carved > slab->capacity) return false;
  std::int64_t rest = std::int64_t{slab->carved} - slab->blanks - slab->used();
  Block* block = slab->free;
  for (; block != nullptr && rest > 0; block = block->next, --rest) {
    if (!is_block_of(slab, block)) return false;
    if (knobs.check_level != 0 && !free_mark::is_set(block)) return false;
  }
  return block == nullptr && rest == 0;
}

void count_all_as_used(Span* slab) {
  slab->free = nullptr;
  slab->blanks = slab->blank_pages = 0;
  slab->alarm = 0;
  slab->until_alarm = static_cast<std::int32_t>(slab->carved);
}

// Chains the orphans' spans through `next`: their old lists are nobody's any more.
void collect(Segment* segment, Span* span, void* context) {
  const ThreadCache* owner = owner_of(segment->start_of(span));
  if (owner == nullptr || !owner->is_orphan) return;
  auto*& first = *static_cast<Span**>(context);
  span->next = first;
  first = span;
}

void adopt(Span* span, ThreadCache* heir) {
  if (span->kind == SpanKind::slab) {
    if (!adds_up(span)) count_all_as_used(span);
    heir->inherit(span);
  } else {
    set_owner(span, nullptr);
    span_heap::give(span);
  }
}

}  // namespace

void adopt_all(ThreadCache* heir) {
  Span* first = nullptr;
  span_heap::for_each_span(collect, &first);
  while (first != nullptr) {
    Span* span = first;
    first = span->next;
    adopt(span, heir);
  }
}

}  // namespace reference::orphans
