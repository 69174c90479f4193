#include "os.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

namespace reference {
namespace {

void* map(void* hint, std::size_t bytes, int protection) {
  return ::mmap(hint, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void* remap(void* old, std::size_t old_bytes, std::size_t new_bytes, void* target) {
  if (target == nullptr) return ::mremap(old, old_bytes, new_bytes, 0);
  return ::mremap(old, old_bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target);
}

std::uint64_t now_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

}  // namespace

constinit OsCalls os = {map, ::munmap, ::mprotect, ::madvise, remap, ::sbrk, now_ms};

}  // namespace reference
