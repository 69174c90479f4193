// A span: consecutive units (64 KiB each) of one segment under one descriptor. It is free, or a
// slab (blocks of one size class), or one large block; a direct block's mapping carries one
// descriptor as well.
//
// Invariants of a slab:
//   used     = blocks out of its free list   (the program holds them, or they travel home, or they
//              are at hand)
//            = until_alarm + alarm
//   carved   = used + length of free list + blanks <= capacity
//   blanks   = free blocks that start in a blank page, which was given back to the OS
//   capacity = span bytes / block_bytes
//   alarm    = -1 while current              (never rings)
//            = 0 while available             (rings when the slab is empty)
//            = capacity - wake count while full  (rings when it is worth visiting again)
// Only the owner's thread touches free, until_alarm, alarm, carved, blanks, state, next and prev.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reference {

inline constexpr std::size_t kUnitBytes = 64 << 10;

// A free block; only its first word is used.
struct Block {
  Block* next;
};

enum class SpanKind : std::uint8_t { free, slab, large, direct };

enum class SlabState : std::uint8_t { current, available, full };

struct alignas(64) Span {
  Block* free = nullptr;
  std::int32_t until_alarm = 0;
  std::int32_t alarm = 0;
  Span* next = nullptr;
  Span* prev = nullptr;
  std::size_t block_bytes = 0;  // of a slab: its class; large and direct: the whole usable block
  std::uint32_t carved = 0;
  std::uint16_t blanks = 0;
  std::uint16_t blank_pages = 0;  // a bit per sixteenth of the slab: a page where it is one unit
  std::uint32_t capacity = 0;
  SpanKind kind = SpanKind::free;
  SlabState state = SlabState::full;
  std::uint8_t size_class = 0;
  std::uint8_t units = 0;
  bool zero = false;  // nothing was written since the OS gave the pages; meaningful until the span
                      // is first used

  std::size_t bytes() const { return units * kUnitBytes; }
  std::int32_t used() const { return until_alarm + alarm; }
  void set_alarm(std::int32_t level) {
    until_alarm = used() - level;
    alarm = level;
  }
};

static_assert(sizeof(Span) == 64, "the fast path of free touches one cache line of metadata");

// A list of spans through next and prev; a span is in at most one.
struct SpanList {
  Span* front = nullptr;
  Span* back = nullptr;

  constexpr bool empty() const { return front == nullptr; }

  void push_front(Span* span) {
    span->prev = nullptr;
    span->next = front;
    (front != nullptr ? front->prev : back) = span;
    front = span;
  }

  void push_back(Span* span) {
    span->next = nullptr;
    span->prev = back;
    (back != nullptr ? back->next : front) = span;
    back = span;
  }

  void remove(Span* span) {
    (span->prev != nullptr ? span->prev->next : front) = span->next;
    (span->next != nullptr ? span->next->prev : back) = span->prev;
    span->next = span->prev = nullptr;
  }
};

}  // namespace reference
