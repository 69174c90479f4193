// Parcel: blocks on their way home to one owner. They are collected as addresses; when the parcel
// leaves, some of them, the carriers, are chained through their first words and carry the addresses
// of the others. So most blocks travel untouched, and their cache lines stay where they are. Used
// by one thread at a time; the chain is handed over as a whole.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "free_mark.h"
#include "slab.h"

namespace reference {

struct Carrier : Block {
  std::size_t count;  // of the addresses behind it; with checks on it is the mark of the free block

  Block** cargo() { return reinterpret_cast<Block**>(this + 1); }
};

class Parcel {
 public:
  constexpr Parcel() {
    if (std::is_constant_evaluated()) std::fill(blocks_, blocks_ + kMaxBlocks, nullptr);
  }

  ThreadCache* owner = nullptr;

  bool is_full() const { return count_ == kMaxBlocks || bytes_ >= kMaxBytes; }
  bool is_empty() const { return count_ == 0; }
  void add(Block* block, std::size_t bytes) {
    blocks_[count_++] = block;
    bytes_ += bytes;
  }

  // Empties the parcel. Returns the first carrier of its chain, and the last one in `last`, whose
  // link is not set. Requires: the parcel is not empty.
  Carrier* close(Carrier*& last) {
    Block** next = blocks_;
    Block** const end = blocks_ + count_;
    count_ = 0;
    bytes_ = 0;
    Carrier* first = last = nullptr;
    while (next != end) {
      auto* carrier = static_cast<Carrier*>(*next++);
      const std::size_t rest = static_cast<std::size_t>(end - next);
      const std::size_t room = room_of(carrier);
      carrier->count = room < rest ? room : rest;
      memcpy(carrier->cargo(), next, carrier->count * sizeof *next);
      next += carrier->count;
      link(carrier, first);
      first = carrier;
      if (last == nullptr) last = carrier;
    }
    return first;
  }

  static void link(Carrier* carrier, Block* next) {
    carrier->next = next;
    if (knobs.check_level != 0) free_mark::set(carrier);
  }

  // Calls visit for every block of the parcel.
  template <typename Visit>
  void for_each(Visit visit) {
    for (unsigned i = 0; i != count_; ++i) visit(blocks_[i]);
  }

  // The same for a chain of carriers. Visit may reuse the block.
  template <typename Visit>
  static void for_each_delivered(Block* chain, Visit visit) {
    while (chain != nullptr) {
      free_mark::require_link(chain);
      auto* carrier = static_cast<Carrier*>(chain);
      chain = carrier->next;
      const std::size_t count = room_of(carrier) == 0 ? 0 : carrier->count;
      for (std::size_t i = 0; i != count; ++i) visit(carrier->cargo()[i]);
      visit(carrier);
    }
  }

 private:
  static constexpr unsigned kMaxBlocks = 30;
  static constexpr std::size_t kMaxBytes = 16384;

  // None with checks on: a program that writes to freed blocks would have its addresses followed.
  static std::size_t room_of(const Carrier* carrier) {
    if (knobs.check_level != 0) return 0;
    return (kClassBytes[unit_of(carrier).size_class] - sizeof(Carrier)) / sizeof(Block*);
  }

  unsigned count_ = 0;
  std::size_t bytes_ = 0;
  Block* blocks_[kMaxBlocks];
};

}  // namespace reference
