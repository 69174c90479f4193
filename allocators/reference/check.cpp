#include "check.h"

#include <atomic>
#include <cstdint>
#include <cstring>

#include "blocks.h"
#include "cache_registry.h"
#include "free_mark.h"
#include "header_map.h"
#include "knobs.h"
#include "lock.h"
#include "message.h"
#include "os.h"
#include "pages.h"
#include "used_map.h"

namespace reference::check {

constinit Lock quarantine_lock;

namespace {

using header_map::Range;

// Level 2 puts a trailer at the end of every block: padding bytes up to it, then the requested
// size.
constexpr std::size_t kTrailerBytes = sizeof(std::size_t);
constexpr unsigned char kPaddingByte = 0xab;
constexpr unsigned char kFreedByte = 0xdf;
constexpr std::size_t kMaxPaddingChecked = 256;
constexpr std::size_t kMaxFilledBytes = 4096;

constinit std::atomic<std::size_t> requested_total_bytes = 0;

bool is_full() { return knobs.check_level == 2; }

bool has_guard(const Span* span) { return span->kind != SpanKind::slab; }

// The end of what a block's owner may touch: behind it lies a guard page, or the next block.
char* end_of(const Span* span, const void* block) {
  char* end = offset(const_cast<void*>(block), span->block_bytes);
  return has_guard(span) ? end - kPageBytes : end;
}

std::size_t load_size(const char* at) {
  std::size_t size;
  memcpy(&size, at, sizeof size);
  return size;
}

// Whether a block begins here that the program has, or had.
bool was_handed_out(const Span* span, void* block) {
  const std::size_t distance = address_of(block) - address_of(span->start);
  if (span->kind == SpanKind::large) return distance == 0;
  if (span->kind != SpanKind::slab || distance % span->block_bytes != 0) return false;
  const std::size_t index = distance / span->block_bytes;
  return index < span->capacity && (slab::is_taken(span, index) || free_mark::is_set(block));
}

void require_direct(const void* block) {
  const Segment* header = segment_of(block);
  if (address_of(block) != address_of(header) + header->block_offset)
    fail("not the start of a block", block);
}

// Says why a pointer into a segment is not a block in use.
[[noreturn]] void fail_unused(const void* block) {
  const Span* span = span_of(block);
  if (span->kind == SpanKind::free) fail("block is not in use: freed twice?", block);
  fail(was_handed_out(span, const_cast<void*>(block)) ? "block freed twice"
                                                      : "not the start of a block",
       block);
}

void require_invariants(Span* slab) {
  const unsigned used = slab->used;
  slab::recount(slab);
  if (slab->used != used) fail("slab counts do not add up", slab);
}

// Level 2: marks the end of what the program asked for.
void seal(const Span* span, void* block, std::size_t bytes) {
  char* end = end_of(span, block) - kTrailerBytes;
  char* padding = offset(block, bytes);
  const std::size_t padded = static_cast<std::size_t>(end - padding);
  memset(padding, kPaddingByte, padded < kMaxPaddingChecked ? padded : kMaxPaddingChecked);
  memcpy(end, &bytes, sizeof bytes);
  if (has_guard(span)) pages::guard(end + kTrailerBytes, kPageBytes);
  requested_total_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void require_seal(const Span* span, const void* block) {
  const char* end = end_of(span, block) - kTrailerBytes;
  const char* padding = static_cast<const char*>(block) + load_size(end);
  if (padding > end || padding < block) fail("block written past its end", block);
  for (const char* at = padding; at != end && at != padding + kMaxPaddingChecked; ++at) {
    if (static_cast<unsigned char>(*at) != kPaddingByte) fail("block written past its end", block);
  }
}

// Returns false when the guard page cannot be removed: then the block must not be used again.
bool break_seal(const Span* span, void* block) {
  require_seal(span, block);
  requested_total_bytes.fetch_sub(usable_bytes(block), std::memory_order_relaxed);
  return !has_guard(span) || pages::unguard(end_of(span, block), kPageBytes);
}

// Blocks freed at level 2 wait here, filled, in order of time.
class Quarantine {
 public:
  // Returns the block that has to go to make room, or nullptr. Requires: the lock is held.
  void* exchange(void* block) {
    void* oldest = blocks_[next_];
    blocks_[next_] = block;
    next_ = (next_ + 1) % kBlocks;
    return oldest;
  }

  template <typename Visit>
  void for_each(Visit visit) const {
    for (void* block : blocks_) {
      if (block != nullptr) visit(block);
    }
  }

  static constexpr unsigned kBlocks = 1024;

 private:
  void* blocks_[kBlocks] = {};
  unsigned next_ = 0;
};

constinit Quarantine quarantine;

std::size_t filled_bytes(const Span* slab) {
  return slab->block_bytes < kMaxFilledBytes ? slab->block_bytes : kMaxFilledBytes;
}

void fill(const Span* slab, void* block) {
  memset(block, kFreedByte, filled_bytes(slab));
  free_mark::set(block);
}

void require_fill(const Span* slab, void* block) {
  if (!free_mark::is_set(block)) fail("block written to after free", block);
  free_mark::word(block) = kFreedByte * 0x0101010101010101u;
  const auto* bytes = static_cast<const unsigned char*>(block);
  for (std::size_t at = 0; at < filled_bytes(slab); ++at) {
    if (bytes[at] != kFreedByte) fail("block written to after free", block);
  }
  free_mark::set(block);
}

void leave_quarantine(ThreadCache* cache, void* block) {
  Span* slab = span_of(block);
  require_fill(slab, block);
  blocks::deallocate(cache, slab, block);
}

void* pass_quarantine(void* block) {
  Locked locked(quarantine_lock);
  return quarantine.exchange(block);
}

void deallocate_sealed(ThreadCache* cache, Span* span, void* block) {
  if (!break_seal(span, block)) return;
  if (span->kind != SpanKind::slab) return blocks::deallocate(cache, span, block);
  fill(span, block);
  if (void* oldest = pass_quarantine(block)) leave_quarantine(cache, oldest);
}

std::size_t padded(std::size_t bytes, std::size_t alignment) {
  const std::size_t sealed = bytes + kTrailerBytes;
  return blocks::slab_class(sealed, alignment) < kClasses ? sealed : sealed + kPageBytes;
}

}  // namespace

void* allocate(ThreadCache* cache, std::size_t bytes, std::size_t alignment, bool& zero) {
  void* block =
      blocks::allocate(cache, is_full() ? padded(bytes, alignment) : bytes, alignment, zero);
  if (block == nullptr) return nullptr;
  Span* span = span_of(block);
  if (span->kind == SpanKind::slab) {
    free_mark::require(block);
    if (is_full()) require_invariants(span);
  }
  if (span->kind != SpanKind::direct) used_map::set(block);
  if (is_full()) seal(span, block, bytes);
  return block;
}

void require_block(const void* block) {
  switch (header_map::range_of(block)) {
    case Range::foreign:
      fail("not a block of this allocator", block);
    case Range::direct:
      return require_direct(block);
    case Range::segment:
      if (!(may_be_block(block) && used_map::is_set(block))) fail_unused(block);
  }
}

void deallocate(ThreadCache* cache, void* block) {
  require_block(block);
  Span* span = span_of(block);
  // Of two threads that free a block at once, one is told.
  if (span->kind != SpanKind::direct && !used_map::claim(block)) fail_unused(block);
  if (is_full()) return deallocate_sealed(cache, span, block);
  if (span->kind == SpanKind::slab) free_mark::set(block);
  blocks::deallocate(cache, span, block);
}

std::size_t usable_bytes(const void* block) {
  const Span* span = span_of(block);
  return is_full() ? load_size(end_of(span, block) - kTrailerBytes) : span->block_bytes;
}

std::size_t live_bytes() { return requested_total_bytes.load(std::memory_order_relaxed); }

void empty_quarantine(ThreadCache* cache) {
  for (unsigned i = 0; i < Quarantine::kBlocks; ++i) {
    if (void* oldest = pass_quarantine(nullptr)) leave_quarantine(cache, oldest);
  }
}

void for_each_quarantined(void (*visit)(void* block, void* context), void* context) {
  quarantine.for_each([=](void* block) { visit(block, context); });
}

}  // namespace reference::check
