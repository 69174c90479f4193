// The operating system behind one replaceable table: every system call of the allocator goes
// through it. Tests swap entries to count calls or to inject ENOMEM at the n-th one. Calls behave
// as their namesakes: they return -1, MAP_FAILED or (void*)-1 and set errno. Never called on the
// fast path.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reference {

struct OsCalls {
  void* (*map)(void* hint, std::size_t bytes, int protection);
  int (*unmap)(void* start, std::size_t bytes);
  int (*protect)(void* start, std::size_t bytes, int protection);
  int (*advise)(void* start, std::size_t bytes, int advice);
  // target == nullptr: only in place; otherwise moves the pages to target, replacing what is mapped
  // there.
  void* (*remap)(void* old, std::size_t old_bytes, std::size_t new_bytes, void* target);
  void* (*move_break)(std::intptr_t bytes);
  std::uint64_t (*now_ms)();
};

extern OsCalls os;

inline constexpr std::size_t kPageBytes = 4096;

}  // namespace reference
