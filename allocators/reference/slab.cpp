#include "slab.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "free_mark.h"
#include "os.h"
#include "pages.h"

namespace reference::slab {
namespace {

std::uint32_t words(const Span* slab) { return (slab->capacity + 63u) / 64; }

Block* block_at(const Span* slab, std::uint32_t index) {
  return reinterpret_cast<Block*>(slab->start + index * slab->block_bytes);
}

}  // namespace

void make(Span* span, unsigned size_class, ThreadCache* owner) {
  const std::uint32_t block_bytes = kClassBytes[size_class];
  span->block_bytes = block_bytes;
  span->inverse = UINT32_MAX / block_bytes + 1;
  span->capacity = static_cast<std::uint16_t>(span->bytes() / block_bytes);
  span->used = 0;
  span->first_word = 0;
  span->size_class = static_cast<std::uint8_t>(size_class);
  span->taken = segment_of(span)->taken[span->first];
  memset(span->taken, 0, words(span) * sizeof span->taken[0]);
  if (knobs.check_level != 0 && !span->zero) {
    for (std::uint32_t i = 0; i != span->capacity; ++i) free_mark::set(block_at(span, i));
  }
  describe(span, owner, span->size_class);
  span->kind = SpanKind::slab;
}

// Run by run: blocks that were freed one after the other, or never taken, lie side by side.
std::size_t take(Span* slab, Block** into, std::size_t wanted) {
  const std::size_t count = std::min<std::size_t>(wanted, slab->capacity - slab->used);
  const std::size_t step = slab->block_bytes;
  Block** next = into + count;
  std::uint32_t word = slab->first_word;
  while (next != into) {
    const std::uint64_t free = ~slab->taken[word];
    if (free == 0) {
      ++word;
      continue;
    }
    const auto first = static_cast<unsigned>(std::countr_zero(free));
    const auto length = static_cast<unsigned>(std::countr_one(free >> first));
    const auto run = static_cast<unsigned>(std::min<std::size_t>(length, next - into));
    slab->taken[word] |= Buddy::mask(first, run);
    auto* block = reinterpret_cast<char*>(block_at(slab, word * 64 + first));
    for (Block** const end = next - run; next != end; block += step)
      *--next = reinterpret_cast<Block*>(block);
  }
  slab->first_word = static_cast<std::uint8_t>(word);
  slab->used += static_cast<std::uint16_t>(count);
  return count;
}

void recount(Span* slab) {
  int used = 0;
  for (std::uint32_t word = 0; word != words(slab); ++word)
    used += std::popcount(slab->taken[word]);
  slab->used = static_cast<std::uint16_t>(used);
  slab->first_word = 0;
}

// The gaps between taken blocks, less the parts of pages at their ends.
void purge(const Span* slab) {
  std::size_t gap = 0;
  for (std::uint32_t i = 0; i <= slab->capacity; ++i) {
    const bool is_end = i == slab->capacity;
    if (!is_end && !is_taken(slab, i)) continue;
    const std::size_t gap_end = is_end ? slab->bytes() : i * slab->block_bytes;
    const std::size_t first = align_up(gap, kPageBytes);
    const std::size_t last = gap_end & ~(kPageBytes - 1);
    if (first < last) pages::purge(slab->start + first, last - first);
    gap = gap_end + slab->block_bytes;
  }
}

}  // namespace reference::slab
