// The mark of a free slab block: its second word is a secret combined with its address and its
// link, written with the link. A free block without it was written to, and its link is not
// followed. Only with checks on.
#pragma once

#include <cstdint>

#include "bits.h"

namespace reference::free_mark {

inline constinit std::uint64_t secret = 0x6a09e667f3bcc908;  // made less predictable at set-up

inline std::uint64_t& word(void* block) { return static_cast<std::uint64_t*>(block)[1]; }

inline std::uint64_t expected(const void* block) {
  return secret ^ address_of(block) ^ *static_cast<const std::uint64_t*>(block);
}

inline void set(void* block) { word(block) = expected(block); }

inline bool is_set(void* block) { return word(block) == expected(block); }

}  // namespace reference::free_mark
