// The mark of a free slab block: its second word is a secret combined with its address, written
// when the block is freed or carved and removed when it is handed out. A block that is freed with
// the mark was free already; a free block without it was written to. Only with checks on.
#pragma once

#include <cstdint>

#include "bits.h"

namespace reference::free_mark {

inline constinit std::uint64_t secret = 0x6a09e667f3bcc908;  // made less predictable at set-up

inline std::uint64_t& word(void* block) { return static_cast<std::uint64_t*>(block)[1]; }

inline std::uint64_t expected(const void* block) { return secret ^ address_of(block); }

inline void set(void* block) { word(block) = expected(block); }

inline void clear(void* block) { word(block) = 0; }

inline bool is_set(void* block) { return word(block) == expected(block); }

}  // namespace reference::free_mark
