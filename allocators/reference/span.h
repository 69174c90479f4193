// A span: consecutive units (64 KiB each) of one segment under one descriptor. It is free, or a
// slab (blocks of one size class), or one large block, or holds a thread cache; a direct block's
// mapping carries one descriptor as well.
//
// Invariants of a slab:
//   capacity = span bytes / block_bytes
//   used     = set bits of taken <= capacity
// A block is taken when it is not in its slab: the program holds it, or it is in the bin of a
// thread, or travels home. Only the owner's thread touches link, used and taken; for a cache
// without a thread, whoever holds the registry's lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "list.h"

namespace reference {

class ThreadCache;

inline constexpr std::size_t kUnitBytes = 64 << 10;
inline constexpr unsigned kTakenWords = kUnitBytes / 16 / 64;  // for the smallest blocks

// A free block. Only while it travels between threads is anything written to it.
struct Block {
  Block* next;
};

enum class SpanKind : std::uint8_t { free, slab, large, direct, cache };

// Has no initializers: what a descriptor does not use stays untouched memory.
struct alignas(64) Span {
  Link<Span> link;
  char* start;
  std::size_t block_bytes;  // of a slab: its class; large and direct: the whole usable block
  std::uint64_t* taken;     // of a slab: a bit per block
  std::uint32_t inverse;    // 2^32 / block_bytes, rounded up
  std::uint16_t capacity;
  std::uint16_t used;
  SpanKind kind;
  std::uint8_t size_class;
  std::uint8_t first;  // its first unit
  std::uint8_t units;
  std::uint8_t first_word;  // of a slab: all blocks in the words of `taken` below are taken
  bool zero;  // nothing was written since the OS gave the pages; meaningful until it is first used

  std::size_t bytes() const { return units * kUnitBytes; }
};

static_assert(sizeof(Span) == 64, "giving a block back touches one cache line of it");

using SpanList = List<Span, &Span::link>;

}  // namespace reference
