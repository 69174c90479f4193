#include "direct.h"

#include <algorithm>
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

constinit List<Segment, &Segment::in_use> in_use;

// Writes what a direct block has of a header, all in its first page, and counts the block as one in
// use. Returns the block.
void* link(Segment* header, std::size_t mapped_bytes, std::size_t bytes) {
  header->mapped_bytes = mapped_bytes;
  Span* span = &header->spans[0];
  span->kind = SpanKind::direct;
  span->block_bytes = align_up(bytes, kPageBytes);
  char* block = offset(header, header->block_offset);
  new (&unit_of(block)) Unit;
  header_map::set(header, header_map::Range::direct);
  Locked locked(lock);
  in_use.push_front(header);
  return block;
}

void unlink(Segment* header) {
  header_map::set(header, header_map::Range::foreign);
  Locked locked(lock);
  in_use.remove(header);
}

std::size_t extent_bytes(std::size_t bytes) { return align_up(bytes, kSegmentBytes); }

// Maps a block aligned to more than a segment: its header lies one segment before it.
void* map_aligned(std::size_t mapped_bytes, std::size_t alignment) {
  void* start = pages::map(mapped_bytes, mapped_bytes, alignment, kSegmentBytes, Source::mmap);
  if (start != nullptr) extents::account(static_cast<std::ptrdiff_t>(mapped_bytes));
  return start;
}

// Returns the header of an extent grown to `mapped_bytes`, perhaps moved, or nullptr.
Segment* grow(Segment* header, std::size_t mapped_bytes) {
  const std::size_t old_bytes = header->mapped_bytes;
  const std::size_t more = mapped_bytes - old_bytes;
  if (extents::take_at(offset(header, old_bytes), more)) return header;
  const bool may_move = extents::kept_bytes() < mapped_bytes;
  void* grown = pages::resize(header, old_bytes, mapped_bytes, kSegmentBytes, may_move);
  if (grown != nullptr) extents::account(static_cast<std::ptrdiff_t>(more));
  return static_cast<Segment*>(grown);
}

}  // namespace

void* allocate(std::size_t bytes, std::size_t alignment, bool& zero) {
  const std::size_t block_offset = std::clamp(alignment, kHeaderBytes, kSegmentBytes);
  const std::size_t mapped_bytes = extent_bytes(block_offset + bytes);
  zero = true;
  void* start = alignment > kSegmentBytes ? map_aligned(mapped_bytes, alignment)
                                          : extents::take(mapped_bytes, zero);
  if (start == nullptr) return nullptr;
  // Not constructed: that would touch more than the first page.
  auto* header = static_cast<Segment*>(start);
  header->block_offset = block_offset;
  return link(header, mapped_bytes, bytes);
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
    mapped_bytes = extent_bytes(mapped_bytes + mapped_bytes / 8);
    Segment* grown = grow(header, mapped_bytes);
    if (grown == nullptr) {
      link(header, old_bytes, header->spans[0].block_bytes);
      return nullptr;
    }
    header = grown;
  }
  void* resized = link(header, mapped_bytes, bytes);
  if (mapped_bytes < old_bytes)
    extents::give(offset(header, mapped_bytes), old_bytes - mapped_bytes);
  return resized;
}

void for_each_block(void (*visit)(const Segment* header, void* context), void* context) {
  Locked locked(lock);
  for (const Segment* header = in_use.front(); header != nullptr; header = in_use.next(header))
    visit(header, context);
}

}  // namespace reference::direct
