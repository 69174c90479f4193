#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "equations.h"
#include "subject.h"

namespace trust::subject {

void* allocate(std::size_t bytes) { return malloc(bytes); }

void* allocate_zeroed(std::size_t count, std::size_t bytes) { return calloc(count, bytes); }

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  return memalign(alignment, bytes);
}

void* allocate_posix(std::size_t alignment, std::size_t bytes) {
  void* block = nullptr;
  if (alignment < sizeof(void*)) alignment = sizeof(void*);
  const int code = posix_memalign(&block, alignment, bytes);
  if (code != 0) errno = code;
  return block;
}

void* reallocate(void* block, std::size_t bytes) { return realloc(block, bytes); }

void deallocate(void* block) { free(block); }

std::size_t usable_bytes(void* block) { return malloc_usable_size(block); }

void trim() { malloc_trim(0); }

void pass_time(unsigned) {}

void require_equations() { sound_totals(); }

}  // namespace trust::subject
