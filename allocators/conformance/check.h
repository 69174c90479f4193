// A conformance check: a sentence about the malloc interface that must hold under any allocator,
// and the function that tries it. Runs in a process of its own, with the library preloaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/contract/registry.h"

namespace conformance {

struct Check {
  std::string_view name;
  void (*run)();
};

// Ends the process with exit status 1 and the message on stderr unless `holds`. Never allocates.
[[gnu::format(printf, 2, 3)]] void require(bool holds, const char* format, ...);

// Ends the process with exit status 77: this check cannot be tried here.
[[noreturn]] void cannot_try(const char* reason);

// Returns `value` in a way that the compiler cannot see through.
template <class T>
T opaque(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

// Writes, and later verifies, bytes that depend on their own position and on `seed` (the block's
// address, unless it may move): an overlapping block cannot leave them intact.
void fill(void* block, std::size_t bytes, std::uintptr_t seed);
bool is_filled(const void* block, std::size_t bytes, std::uintptr_t seed);
inline void fill(void* block, std::size_t bytes) {
  fill(block, bytes, reinterpret_cast<std::uintptr_t>(block));
}
inline bool is_filled(const void* block, std::size_t bytes) {
  return is_filled(block, bytes, reinterpret_cast<std::uintptr_t>(block));
}
bool is_zero(const void* block, std::size_t bytes);

// malloc that must succeed and fills the block; free that verifies it first.
void* filled_malloc(std::size_t bytes);
void checked_free(void* block, std::size_t bytes);

// Resident anonymous bytes of this process. Never allocates.
std::size_t resident_anonymous_bytes();

}  // namespace conformance

#define LAB_REGISTER_CHECK(function)                                           \
  static constexpr ::conformance::Check check_##function{#function, function}; \
  LAB_REGISTER(::conformance::Check, check_##function)
