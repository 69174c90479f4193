// The C allocation API with a request log beside it: what a single-threaded body asks for is
// counted where it asks. A realloc counts as one free and one allocation. Returns nullptr where the
// allocator does.
#pragma once

#include <cstdlib>

#include "experiments/workload/request_log.h"

namespace lab {

class LoggedHeap {
 public:
  void* malloc(std::size_t bytes) {
    log_.allocated(bytes);
    return std::malloc(bytes);
  }
  void* calloc(std::size_t bytes) {
    log_.allocated(bytes);
    return std::calloc(1, bytes);
  }
  void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    log_.allocated(bytes);
    return std::aligned_alloc(alignment, bytes);
  }
  // Requires a block of `old_bytes`.
  void* realloc(void* block, std::size_t old_bytes, std::size_t bytes) {
    log_.freed(old_bytes);
    log_.allocated(bytes);
    return std::realloc(block, bytes);
  }
  // Requires a block of `bytes`.
  void free(void* block, std::size_t bytes) {
    log_.freed(bytes);
    std::free(block);
  }

  // Declares what was asked for since the last report, and what is live, in the running phase.
  void report(Context& lab) { log_.report(lab); }

 private:
  RequestLog log_;
};

}  // namespace lab
