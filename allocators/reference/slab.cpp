#include "slab.h"

#include <bit>

#include "pages.h"

namespace reference::slab {
namespace {

constexpr unsigned kParts = 16;  // bits of Span::blank_pages

std::size_t part_bytes(const Span* slab) { return slab->bytes() / kParts; }

unsigned part_of(const Span* slab, std::size_t distance) {
  return static_cast<unsigned>(distance / part_bytes(slab));
}

// What the blocks of a slab are, looked up by their number.
class Blocks {
 public:
  explicit Blocks(Span* slab) : slab_(slab) {
    for (const Block* block = slab->free; block != nullptr; block = block->next)
      is_free_[(address_of(block) - address_of(start_of(slab))) / slab->block_bytes] = true;
    for (std::uint32_t i = 0; i < slab->carved; ++i) {
      if (slab->blank_pages >> part_of(slab, i * slab->block_bytes) & 1) is_free_[i] = true;
    }
  }

  // The free blocks at the end need not be carved.
  void uncarve() {
    while (slab_->carved != 0 && is_free_[slab_->carved - 1]) --slab_->carved;
  }

  // The parts that used blocks touch.
  unsigned busy_parts() const {
    unsigned busy = 0;
    for (std::uint32_t i = 0; i < slab_->carved; ++i) {
      if (is_free_[i]) continue;
      const std::size_t start = i * slab_->block_bytes;
      const unsigned last = part_of(slab_, start + slab_->block_bytes - 1);
      for (unsigned part = part_of(slab_, start); part <= last; ++part) busy |= 1u << part;
    }
    return busy;
  }

  // Makes the free blocks that start in one of `blank` blank and lists the others, lowest first.
  void list_but(unsigned blank) {
    slab_->free = nullptr;
    slab_->blanks = slab_->blank_pages = 0;
    for (std::uint32_t i = slab_->carved; i-- != 0;) {
      if (!is_free_[i]) continue;
      const std::size_t distance = i * slab_->block_bytes;
      const unsigned part = 1u << part_of(slab_, distance);
      if ((blank & part) != 0) {
        slab_->blank_pages |= static_cast<std::uint16_t>(part);
        ++slab_->blanks;
      } else {
        auto* block = reinterpret_cast<Block*>(start_of(slab_) + distance);
        link(block, slab_->free);
        slab_->free = block;
      }
    }
  }

 private:
  Span* slab_;
  bool is_free_[kUnitBytes / kClassBytes[0]] = {};
};

// Returns which of the parts the OS took back.
unsigned purge_parts(const Span* slab, unsigned parts) {
  unsigned gone = 0;
  while (parts != 0) {
    const unsigned first = static_cast<unsigned>(std::countr_zero(parts));
    const unsigned count = static_cast<unsigned>(std::countr_one(parts >> first));
    const unsigned run = ((1u << count) - 1) << first;
    if (pages::purge(start_of(slab) + first * part_bytes(slab), count * part_bytes(slab)))
      gone |= run;
    parts &= ~run;
  }
  return gone;
}

// Makes the blocks `from` up to `end` the free list. Requires: it is empty; from < end.
void list_blocks(Span* slab, std::uint32_t from, std::uint32_t end) {
  const std::size_t step = slab->block_bytes;
  char* const first = start_of(slab) + from * step;
  char* const last = start_of(slab) + (end - 1) * step;
  for (char* block = first; block != last; block += step)
    reinterpret_cast<Block*>(block)->next = reinterpret_cast<Block*>(block + step);
  reinterpret_cast<Block*>(last)->next = nullptr;
  if (knobs.check_level != 0) {
    for (char* block = first; block <= last; block += step) free_mark::set(block);
  }
  slab->free = reinterpret_cast<Block*>(first);
}

// The first block that starts at `distance` or behind.
std::uint32_t first_from(const Span* slab, std::size_t distance) {
  return static_cast<std::uint32_t>((distance + slab->block_bytes - 1) / slab->block_bytes);
}

void carve_blank(Span* slab) {
  const unsigned part = static_cast<unsigned>(std::countr_zero(slab->blank_pages));
  const std::uint32_t from = first_from(slab, part * part_bytes(slab));
  const std::uint32_t end = first_from(slab, (part + 1) * part_bytes(slab));
  list_blocks(slab, from, end);
  slab->blank_pages &= static_cast<std::uint16_t>(slab->blank_pages - 1);
  slab->blanks -= static_cast<std::uint16_t>(end - from);
}

}  // namespace

void carve(Span* slab) {
  if (slab->carved == slab->capacity) return carve_blank(slab);
  const std::size_t wanted = slab->block_bytes >= kCarveBytes ? 1 : kCarveBytes / slab->block_bytes;
  const std::uint32_t rest = slab->capacity - slab->carved;
  const std::uint32_t count = wanted < rest ? static_cast<std::uint32_t>(wanted) : rest;
  list_blocks(slab, slab->carved, slab->carved + count);
  slab->carved += count;
}

void purge(Span* slab) {
  Blocks blocks(slab);
  blocks.uncarve();
  blocks.list_but(purge_parts(slab, ~blocks.busy_parts() & ((1u << kParts) - 1)));
}

}  // namespace reference::slab
