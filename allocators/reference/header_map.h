// Which 4 MiB ranges of the address space begin with a segment header: lets the checks judge any
// pointer without touching what it points to. One bit per range; filled only when checks are on.
// Thread-safe.
#pragma once

#include <cstddef>

namespace reference::header_map {

// Maps the table. Called once, before the first segment. Returns false when there is no memory for
// it.
bool set_up();

void add(const void* segment);
void remove(const void* segment);

// Whether a header lies where segment_of would look for it.
bool covers(const void* block);

// Mapped for the map; 0 while checks are off.
std::size_t mapped_bytes();

}  // namespace reference::header_map
