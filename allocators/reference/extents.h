// Extents: address ranges of whole segments (4 MiB) from which direct blocks and segments are made.
// Freed extents are kept for a while, resident, and merged with their neighbours. A request they
// cannot serve is mapped anew and takes as much out of the kept ones as it maps, beyond a share of
// what is in use: keeping does not raise the peak further. Thread-safe. Sizes and starts are
// multiples of kSegmentBytes.
#pragma once

#include <cstddef>

#include "lock.h"

namespace reference::extents {

extern Lock lock;  // taken by fork around the copy

// Returns a readable and writable extent, or nullptr. `zero` tells whether it reads as zero.
void* take(std::size_t bytes, bool& zero);

// Returns a kept extent, dirty, or nullptr.
void* take_kept(std::size_t bytes);

// Takes exactly this range out of the kept ones. Returns false when it is not there.
bool take_at(void* start, std::size_t bytes);

// Keeps the extent if it is worth it, else releases it.
void give(void* start, std::size_t bytes);

// Tells of an extent in use that its owner mapped, grew or released itself.
void account(std::ptrdiff_t in_use_bytes);

// Releases every kept extent.
void release_all();

std::size_t kept_bytes();

}  // namespace reference::extents
