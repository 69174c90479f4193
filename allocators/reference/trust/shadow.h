// The shadow of a heap: where every live block lies, and what was written to it. A block's content
// derives from its address and size, so a block that overlaps another or loses a byte is found when
// it is looked at. Finding anything ends the program. Not thread-safe: one for each thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace trust {

struct Placed {
  void* block = nullptr;
  std::size_t bytes = 0;
};

class Shadow {
 public:
  // A block that malloc returned: checks place and alignment and writes its pattern. Content of the
  // first `zero_bytes` is required to be zero.
  void add(Placed placed, std::size_t alignment, std::size_t zero_bytes);

  // A block that another thread's shadow gave up.
  void receive(Placed placed);

  // Forgets a block whose pattern must be whole.
  void remove(Placed placed);

  std::size_t live_blocks() const { return end_of_.size(); }

 private:
  void insert(Placed placed);

  std::map<std::uintptr_t, std::uintptr_t> end_of_;  // start of a block -> its end
};

// Checks the first `kept_bytes` of a block against the pattern of `written`: after realloc they
// differ in place and size.
void require_pattern(const void* block, Placed written, std::size_t kept_bytes);

}  // namespace trust
