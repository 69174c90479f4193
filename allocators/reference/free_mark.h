// The mark of a free slab block: its second word is a secret combined with its address and its
// first word. A free block without it was written to. Only with checks on. A block that was never
// handed out in memory that was never written bears none: its two words are zero.
#pragma once

#include <cstdint>

#include "bits.h"
#include "knobs.h"
#include "message.h"

namespace reference::free_mark {

inline constinit std::uint64_t secret = 0x6a09e667f3bcc908;  // made less predictable at set-up

inline std::uint64_t& word(void* block) { return static_cast<std::uint64_t*>(block)[1]; }

inline std::uint64_t expected(const void* block) {
  return secret ^ address_of(block) ^ *static_cast<const std::uint64_t*>(block);
}

inline void set(void* block) { word(block) = expected(block); }

inline bool is_set(void* block) { return word(block) == expected(block); }

inline bool is_set_or_untouched(void* block) {
  return is_set(block) || (word(block) | *static_cast<std::uint64_t*>(block)) == 0;
}

[[noreturn]] inline void fail_written(const void* block) { fail("free block written to", block); }

// Ends the program if a free block was written to. Nothing at level 0.
inline void require(void* block) {
  if (knobs.check_level != 0 && !is_set_or_untouched(block)) fail_written(block);
}

// The same for a block whose first word is a link that will be followed.
inline void require_link(void* block) {
  if (knobs.check_level != 0 && !is_set(block)) fail_written(block);
}

}  // namespace reference::free_mark
