// What the counting shim has seen in this process. A program finds it with dlsym("alloclab_count"):
// nullptr means that the shim is not preloaded. Counts calls, from any thread, failed ones
// included.
#pragma once

#include <atomic>
#include <cstdint>

namespace lab {

struct AllocationCount {
  std::atomic<std::int64_t>
      allocations;                  // malloc, calloc, realloc to a size, and all aligned forms
  std::atomic<std::int64_t> frees;  // free, and realloc, of a block
};

}  // namespace lab
