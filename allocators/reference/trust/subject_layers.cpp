#include "allocate.h"
#include "equations.h"
#include "fake_os.h"
#include "subject.h"

namespace trust::subject {

void* allocate(std::size_t bytes) { return reference::allocate(bytes); }

void* allocate_zeroed(std::size_t count, std::size_t bytes) {
  return reference::allocate_zeroed(count * bytes);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  return reference::allocate_aligned(alignment, bytes);
}

void* allocate_posix(std::size_t alignment, std::size_t bytes) {
  return reference::allocate_aligned(alignment, bytes);
}

void* reallocate(void* block, std::size_t bytes) {
  return block == nullptr ? reference::allocate(bytes) : reference::reallocate(block, bytes);
}

void deallocate(void* block) { reference::deallocate(block); }

std::size_t usable_bytes(void* block) { return reference::usable_bytes(block); }

void trim() { reference::release_free_memory(); }

void pass_time(unsigned ms) { reference::fake_os.clock_ms += ms; }

void require_equations() {
  const std::size_t reported = sound_totals().mapped_bytes;
  const std::size_t counted = reference::fake_os.mapped_bytes;
  require(reported == counted, "mapped %zu, the OS counted %zu", reported, counted);
}

}  // namespace trust::subject
