#include "direct.h"

#include <new>

#include "extents.h"
#include "header_map.h"
#include "knobs.h"
#include "os.h"
#include "pages.h"

namespace reference::direct {

constinit Lock lock;

namespace {

constexpr std::size_t kHeaderBytes = kPageBytes;

constinit Segment* in_use = nullptr;

void link(Segment* header) {
  header_map::add(header, header_map::Range::direct);
  Locked locked(lock);
  header->prev = nullptr;
  header->next = in_use;
  if (in_use != nullptr) in_use->prev = header;
  in_use = header;
}

void unlink(Segment* header) {
  header_map::remove(header);
  Locked locked(lock);
  (header->prev != nullptr ? header->prev->next : in_use) = header->next;
  if (header->next != nullptr) header->next->prev = header->prev;
}

std::size_t extent_bytes(std::size_t bytes) { return align_up(bytes, kSegmentBytes); }

// Writes what depends on the header's place and sizes. Returns the block.
void* describe(Segment* header, std::size_t mapped_bytes, std::size_t bytes) {
  header->mapped_bytes = mapped_bytes;
  char* block = offset(header, header->block_offset);
  Span* span = &header->spans[0];
  span->kind = SpanKind::direct;
  span->block_bytes = align_up(bytes, kPageBytes);
  new (&unit_of(block)) Unit{span};
  return block;
}

// Maps a block aligned to more than a segment: its header lies one segment before it.
void* map_aligned(std::size_t mapped_bytes, std::size_t alignment) {
  void* start = pages::reserve(mapped_bytes, alignment, kSegmentBytes, Source::mmap);
  if (start == nullptr) return nullptr;
  if (!pages::commit(start, mapped_bytes)) {
    pages::drop(start, mapped_bytes);
    return nullptr;
  }
  extents::account(static_cast<std::ptrdiff_t>(mapped_bytes));
  return start;
}

// Returns the header of an extent grown to `mapped_bytes`, perhaps moved, or nullptr.
Segment* grow(Segment* header, std::size_t mapped_bytes) {
  const std::size_t old_bytes = header->mapped_bytes;
  const std::size_t more = mapped_bytes - old_bytes;
  if (extents::take_at(offset(header, old_bytes), more)) return header;
  if (pages::resize_in_place(header, old_bytes, mapped_bytes)) {
    extents::account(static_cast<std::ptrdiff_t>(more));
    return header;
  }
  if (extents::kept_bytes() >= mapped_bytes) return nullptr;
  auto* moved = static_cast<Segment*>(pages::move(header, old_bytes, mapped_bytes, kSegmentBytes));
  if (moved != nullptr) extents::account(static_cast<std::ptrdiff_t>(more));
  return moved;
}

}  // namespace

void* allocate(std::size_t bytes, std::size_t alignment, bool& zero) {
  const std::size_t block_offset = alignment >= kSegmentBytes ? kSegmentBytes
                                   : alignment > kHeaderBytes ? alignment
                                                              : kHeaderBytes;
  const std::size_t mapped_bytes = extent_bytes(block_offset + bytes);
  zero = true;
  void* start = alignment > kSegmentBytes ? map_aligned(mapped_bytes, alignment)
                                          : extents::take(mapped_bytes, zero);
  if (start == nullptr) return nullptr;
  // Only the fields a direct block has: the block begins where a segment's other descriptors would
  // be.
  auto* header = static_cast<Segment*>(start);
  new (&header->spans[0]) Span;
  header->block_offset = block_offset;
  void* block = describe(header, mapped_bytes, bytes);
  link(header);
  return block;
}

void deallocate(void* block) {
  Segment* header = segment_of(block);
  unlink(header);
  extents::give(header, header->mapped_bytes);
}

void* resize(void* block, std::size_t bytes) {
  Segment* header = segment_of(block);
  const std::size_t old_bytes = header->mapped_bytes;
  std::size_t mapped_bytes = extent_bytes(header->block_offset + bytes);
  unlink(header);
  if (mapped_bytes > old_bytes) {
    // Growing blocks tend to grow again: address space ahead is free and saves system calls.
    const std::size_t roomy = extent_bytes(mapped_bytes + mapped_bytes / 8);
    Segment* grown = grow(header, roomy);
    if (grown == nullptr) {
      link(header);
      return nullptr;
    }
    header = grown;
    mapped_bytes = roomy;
  }
  void* resized = describe(header, mapped_bytes, bytes);
  link(header);
  if (mapped_bytes < old_bytes)
    extents::give(offset(header, mapped_bytes), old_bytes - mapped_bytes);
  return resized;
}

Totals totals() {
  Locked locked(lock);
  Totals sum;
  for (const Segment* header = in_use; header != nullptr; header = header->next) {
    ++sum.blocks;
    sum.header_bytes += header->block_offset;
    sum.block_bytes += header->spans[0].block_bytes;
    sum.slack_bytes += header->mapped_bytes - header->block_offset - header->spans[0].block_bytes;
  }
  return sum;
}

void for_each_block(void (*visit)(Segment* header, Span* span, void* context), void* context) {
  Locked locked(lock);
  for (Segment* header = in_use; header != nullptr; header = header->next)
    visit(header, &header->spans[0], context);
}

}  // namespace reference::direct
