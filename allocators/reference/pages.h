// OS pages: reserve address space, commit it, purge its content, release it. Bottom layer above
// os.h. Sizes and addresses are multiples of the page size unless stated. Thread-safe, but memory
// from brk only under the callers' lock.
#pragma once

#include <cstddef>

#include "knobs.h"

namespace reference::pages {

// Returns `bytes` of inaccessible address space whose start is congruent to -lead modulo alignment
// (so start + lead is aligned), or nullptr. Requires: alignment is a power of two of at least one
// page.
void* reserve(std::size_t bytes, std::size_t alignment, std::size_t lead, Source source);

// Makes reserved pages readable, writable and zero. Returns false when the OS refuses; then nothing
// changed.
bool commit(void* start, std::size_t bytes);

// A reservation whose first `committed_bytes` are committed, or nullptr.
void* map(std::size_t bytes, std::size_t committed_bytes, std::size_t alignment, std::size_t lead,
          Source source);

// Gives the pages' memory back; they stay committed and read as zero. Returns false when the OS
// refuses.
bool purge(void* start, std::size_t bytes);

// Gives the address space back. Returns false when it has to stay mapped; its content stays as
// well, or with the second function is purged.
bool release(void* start, std::size_t bytes);
bool release_or_purge(void* start, std::size_t bytes);

// Gives back address space that nobody will use. What the OS refuses to take is purged and counted
// as stranded.
void drop(void* start, std::size_t bytes);

// Address space that is lost because the OS would not take it back; without content.
std::size_t stranded_bytes();

// Grows or shrinks a mapping where it is, or else, if it may, moves its pages without copying them
// to a new place, aligned like reserve. Returns the place, or nullptr; then nothing changed.
void* resize(void* start, std::size_t old_bytes, std::size_t new_bytes, std::size_t alignment,
             bool may_move);

// Makes a committed page inaccessible: the guard behind a block under full checking.
bool guard(void* start, std::size_t bytes);
bool unguard(void* start, std::size_t bytes);

}  // namespace reference::pages
