// OS pages: reserve address space, commit it, purge its content, release it. Bottom layer above
// os.h. Sizes and addresses are multiples of the page size unless stated. Thread-safe only under
// the callers' locks.
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

// Gives the pages' memory back; they stay committed and read as zero. Returns false when the OS
// refuses.
bool purge(void* start, std::size_t bytes);

// Gives the address space back. Returns false when it has to stay mapped (its content may then be
// purged).
bool release(void* start, std::size_t bytes);

// Gives back address space that nobody will use. What the OS refuses to take is counted as
// stranded.
void drop(void* start, std::size_t bytes);

// Address space that is lost because the OS would not take it back; inaccessible or never touched.
std::size_t stranded_bytes();

// Grows or shrinks a mapping where it is. Returns false when that is impossible; then nothing
// changed.
bool resize_in_place(void* start, std::size_t old_bytes, std::size_t new_bytes);

// Moves a mapping's pages, without copying them, to a new place aligned like reserve. Returns it,
// or nullptr.
void* move(void* start, std::size_t old_bytes, std::size_t new_bytes, std::size_t alignment);

// Makes a committed page inaccessible: the guard behind a block under full checking.
bool guard(void* start, std::size_t bytes);
bool unguard(void* start, std::size_t bytes);

}  // namespace reference::pages
