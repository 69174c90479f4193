// Address space straight from the kernel, for experiments about the kernel. Failure ends the run.
#pragma once

#include <sys/mman.h>

#include "harness/contract/context.h"

namespace lab {

inline unsigned char* map_memory(Context& lab, std::size_t bytes, int flags = MAP_PRIVATE,
                                 int protection = PROT_READ | PROT_WRITE, int file = -1) {
  if (file < 0) flags |= MAP_ANONYMOUS;
  void* memory = mmap(nullptr, bytes, protection, flags, file, 0);
  if (memory == MAP_FAILED) lab.fail("mmap failed");
  return static_cast<unsigned char*>(memory);
}

inline void unmap(void* memory, std::size_t bytes) { munmap(memory, bytes); }

// Returns false where the kernel does not know the advice.
inline bool advise(void* memory, std::size_t bytes, int advice) {
  return madvise(memory, bytes, advice) == 0;
}

// A mapping whose start is a multiple of `alignment`, and which is not joined by huge pages across
// its ends. The surrounding address space stays reserved and untouched.
inline unsigned char* map_aligned(Context& lab, std::size_t bytes, std::size_t alignment) {
  auto address = reinterpret_cast<std::uintptr_t>(map_memory(lab, bytes + alignment));
  return reinterpret_cast<unsigned char*>((address + alignment - 1) / alignment * alignment);
}

// Counts bytes that are not zero; reads every byte.
inline std::int64_t nonzero_bytes(const void* memory, std::size_t bytes) {
  const auto* byte = static_cast<const volatile unsigned char*>(memory);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < bytes; ++i) count += byte[i] != 0 ? 1 : 0;
  return count;
}

// Writes a value other than zero to every byte; no compiler removes it.
inline void fill(void* memory, std::size_t bytes, unsigned char value = 0xA5) {
  auto* byte = static_cast<volatile unsigned char*>(memory);
  for (std::size_t i = 0; i < bytes; ++i) byte[i] = value;
}

}  // namespace lab
