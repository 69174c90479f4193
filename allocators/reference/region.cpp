#include "region.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "bits.h"

// A chunk: this header, then blocks. Each chunk is twice as large as the one before, up to a limit.
struct Chunk {
  Chunk* previous;
  std::size_t bytes;  // header included
};

// The region itself is a small block beside its chunks.
struct region {
  Chunk* newest;
  std::uintptr_t next;  // where the next block may start
  std::uintptr_t end;
  std::size_t next_chunk_bytes;
  std::size_t reserved_bytes;
};

namespace {

constexpr std::size_t kDefaultChunkBytes = 64 << 10;
constexpr std::size_t kMaxChunkBytes = 16 << 20;

void use_chunk(region& which, Chunk* chunk) {
  which.newest = chunk;
  which.next = reference::address_of(chunk + 1);
  which.end = reference::address_of(chunk) + chunk->bytes;
}

bool add_chunk(region& which, std::size_t least_bytes) {
  std::size_t needed;
  if (__builtin_add_overflow(least_bytes, sizeof(Chunk), &needed)) return false;
  const std::size_t bytes = needed > which.next_chunk_bytes ? needed : which.next_chunk_bytes;
  auto* chunk = static_cast<Chunk*>(malloc(bytes));
  if (chunk == nullptr) return false;
  *chunk = {which.newest, bytes};
  which.reserved_bytes += bytes;
  if (which.next_chunk_bytes < kMaxChunkBytes) which.next_chunk_bytes *= 2;
  use_chunk(which, chunk);
  return true;
}

// Returns nullptr when the newest chunk has not enough room.
void* cut(region& which, std::size_t bytes, std::size_t alignment) {
  const std::uintptr_t start = reference::align_up(which.next, alignment);
  if (start > which.end || which.end - start < bytes) return nullptr;
  which.next = start + bytes;
  return reinterpret_cast<void*>(start);
}

void free_chunks(region& which, Chunk* first, const Chunk* spared) {
  while (first != nullptr) {
    Chunk* previous = first->previous;
    if (first != spared) {
      which.reserved_bytes -= first->bytes;
      free(first);
    }
    first = previous;
  }
}

Chunk* largest_of(Chunk* chunk) {
  Chunk* largest = chunk;
  for (; chunk != nullptr; chunk = chunk->previous) {
    if (chunk->bytes > largest->bytes) largest = chunk;
  }
  return largest;
}

}  // namespace

#pragma GCC visibility push(default)

region* region_create(size_t first_chunk_bytes) {
  auto* created = static_cast<region*>(malloc(sizeof(region)));
  if (created == nullptr) return nullptr;
  *created = {nullptr, 0, 0, kDefaultChunkBytes, 0};
  if (add_chunk(*created, first_chunk_bytes)) return created;
  free(created);
  errno = ENOMEM;
  return nullptr;
}

void* region_alloc(region* from, size_t bytes, size_t alignment) {
  if (alignment == 0) alignment = 16;
  if (!reference::is_power_of_two(alignment) || alignment > PTRDIFF_MAX) {
    errno = EINVAL;
    return nullptr;
  }
  if (bytes == 0) bytes = 1;  // blocks have addresses of their own
  if (void* block = cut(*from, bytes, alignment)) return block;
  std::size_t with_gap;
  if (bytes <= PTRDIFF_MAX && !__builtin_add_overflow(bytes, alignment, &with_gap) &&
      add_chunk(*from, with_gap)) {
    return cut(*from, bytes, alignment);
  }
  errno = ENOMEM;
  return nullptr;
}

void region_reset(region* which) {
  Chunk* spared = largest_of(which->newest);
  free_chunks(*which, which->newest, spared);
  spared->previous = nullptr;
  use_chunk(*which, spared);
}

void region_destroy(region* which) {
  if (which == nullptr) return;
  free_chunks(*which, which->newest, nullptr);
  free(which);
}

size_t region_reserved_bytes(const region* of) { return of->reserved_bytes; }

#pragma GCC visibility pop
