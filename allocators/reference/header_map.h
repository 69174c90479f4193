// Which 4 MiB ranges of the address space begin with a segment header: lets the checks judge any
// pointer without touching what it points to. One bit per range; filled only when checks are on.
// Thread-safe.
#pragma once

namespace reference::header_map {

// Maps the table. Called once, before the first segment. Returns false when there is no memory for
// it.
bool set_up();

void add(const void* segment);
void remove(const void* segment);

// Whether a header lies where segment_of would look for it.
bool covers(const void* block);

}  // namespace reference::header_map
