// Parcel: blocks on their way home to one owner. Some of them, the carriers, are chained and hold the
// addresses of the others; so most blocks travel untouched, and their cache lines stay where they
// are. Used by one thread at a time; the chain is handed over as a whole.
#pragma once

#include "slab.h"

namespace reference {

// A freed block that carries the addresses from `this + 1` to `end`. Blocks too small for that carry
// none and have no `end`; with checks on none does, since a program that writes to freed blocks would
// have its addresses followed.
struct Carrier : Block {
  std::uintptr_t mark;  // free_mark.h
  Block** end;

  Block** cargo() { return reinterpret_cast<Block**>(this + 1); }
  static bool can_carry(const Span* slab) {
    return knobs.check_level == 0 && slab->block_bytes > sizeof(Carrier);
  }
};

struct Parcel {
  ThreadCache* owner = nullptr;  // nullptr: the parcel is empty
  Block* first = nullptr;        // the carrier that is being loaded
  Block* last = nullptr;
  Block** end = nullptr;  // of its cargo; written to the carrier when it is closed
  Block** limit = nullptr;
  std::size_t bytes = 0;  // of the carriers and of as many blocks of their sizes as they can carry

  bool has_room() const { return end != limit; }
  bool is_full() const { return bytes >= kBytes; }

  // Requires: has_room.
  void load(Block* block) { *end++ = block; }

  // Makes the block the next carrier.
  void add_carrier(Block* block) {
    close();
    if (first == nullptr) last = block;
    slab::link(block, first);
    first = block;
    const Span* slab = span_of(block);
    std::size_t room = 0;
    end = nullptr;
    if (Carrier::can_carry(slab)) {
      end = static_cast<Carrier*>(block)->cargo();
      room = (slab->block_bytes - sizeof(Carrier)) / sizeof(Block*);
      if (room > kBytes / slab->block_bytes) room = kBytes / slab->block_bytes;
    }
    limit = end + room;
    bytes += slab->block_bytes * (room + 1);
  }

  void close() {
    if (end != nullptr) static_cast<Carrier*>(first)->end = end;
  }

 private:
  static constexpr std::size_t kBytes = 16384;  // a parcel leaves when it is about this heavy
};

// Calls visit for every block of a chain of closed carriers. Visit may reuse the block.
template <typename Visit>
void for_each_delivered(Block* chain, Visit visit) {
  while (chain != nullptr) {
    Block* const carrier = chain;
    chain = carrier->next;
    if (Carrier::can_carry(span_of(carrier))) {
      auto* loaded = static_cast<Carrier*>(carrier);
      for (Block** block = loaded->cargo(); block != loaded->end; ++block) visit(*block);
    }
    visit(carrier);
  }
}

}  // namespace reference
