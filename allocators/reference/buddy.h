// Buddy system over the 64 units of one segment, kept in one word: bit i is set when unit i is
// free. A buddy of order k is an aligned run of 2^k units; two free buddies are one free block of
// the next order without any merging step, because the word says so. Pure; never touches the memory
// it manages.
#pragma once

#include <bit>
#include <cstdint>

namespace reference {

inline constexpr unsigned kUnitsPerSegment = 64;

class Buddy {
 public:
  static constexpr unsigned kNone = kUnitsPerSegment;
  static constexpr unsigned kMaxOrder = 6;

  constexpr explicit Buddy(std::uint64_t free_units = 0) : free_(free_units) {}

  std::uint64_t free_units() const { return free_; }

  static constexpr unsigned order_of(unsigned units) { return std::bit_width(units - 1); }

  // The bits of `units` units from `first`. Requires: 1 <= units <= 64 - first.
  static constexpr std::uint64_t mask(unsigned first, unsigned units) {
    return (~std::uint64_t{0} >> (kUnitsPerSegment - units)) << first;
  }

  // Takes `units` consecutive units from the smallest free block that holds them; the rest of that
  // block stays free. Returns the first unit, or kNone.
  unsigned take(unsigned units) {
    const unsigned first = best_fit(free_, order_of(units));
    if (first != kNone) free_ &= ~mask(first, units);
    return first;
  }

  // The first of `units` consecutive units that are all free and among the wanted ones, at any
  // alignment; or kNone.
  unsigned find(unsigned units, std::uint64_t wanted) const {
    std::uint64_t starts = free_ & wanted;
    for (unsigned length = 1; length < units;) {
      const unsigned step = length < units - length ? length : units - length;
      starts &= starts >> step;
      length += step;
    }
    return starts == 0 ? kNone : static_cast<unsigned>(std::countr_zero(starts));
  }

  // Takes exactly these units. Returns false when one of them is not free.
  bool take_at(unsigned first, unsigned units) {
    const std::uint64_t wanted = mask(first, units);
    if ((free_ & wanted) != wanted) return false;
    free_ &= ~wanted;
    return true;
  }

  // Requires: the units are taken.
  void give(unsigned first, unsigned units) { free_ |= mask(first, units); }

  // The order of the largest free block, or -1 when nothing is free.
  int largest_order() const {
    int order = kMaxOrder;
    while (order >= 0 && runs(free_, static_cast<unsigned>(order)) == 0) --order;
    return order;
  }

 private:
  static constexpr std::uint64_t kAligned[kMaxOrder + 1] = {
      ~std::uint64_t{0},     0x5555555555555555ull, 0x1111111111111111ull, 0x0101010101010101ull,
      0x0001000100010001ull, 0x0000000100000001ull, 0x0000000000000001ull};

  // Bit i is set when i begins an aligned run of 2^order set bits.
  static constexpr std::uint64_t runs(std::uint64_t bits, unsigned order) {
    for (unsigned step = 0; step < order; ++step) bits &= bits >> (1u << step);
    return bits & kAligned[order];
  }

  // The first block of the order in the smallest free block that holds one, so that large blocks
  // are kept whole: a block whose buddy is not free; if all come in pairs, the same of the pairs.
  static unsigned best_fit(std::uint64_t bits, unsigned order) {
    std::uint64_t blocks = runs(bits, order);
    for (; blocks != 0 && order < kMaxOrder; ++order) {
      const unsigned size = 1u << order;
      const std::uint64_t pairs = blocks & (blocks >> size) & kAligned[order + 1];
      const std::uint64_t alone = blocks & ~(pairs | (pairs << size));
      if (alone != 0) return std::countr_zero(alone);
      blocks = pairs;
    }
    return blocks != 0 ? 0 : kNone;
  }

  std::uint64_t free_;
};

}  // namespace reference
