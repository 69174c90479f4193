// A burst of equal blocks of which a scattered twentieth may survive, and what follows from that.
// The experiment has the parameter `burst_bytes`, and `block_bytes` and `freed_percent` where it
// varies them; else blocks are of 1 KiB, and a twentieth survives.
#pragma once

#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {

inline constexpr std::size_t kKeepOneIn = 20;

inline std::int64_t burst_block_bytes(const Point& point) {
  return point.text("block_bytes").empty() ? 1024 : point.number("block_bytes");
}
inline std::int64_t burst_blocks(const Point& point, std::int64_t) {
  return point.number("burst_bytes") / burst_block_bytes(point);
}
inline std::int64_t surviving_blocks(const Point& point, std::int64_t) {
  return point.is("freed_percent", "100") ? 0 : one_in(kKeepOneIn, burst_blocks(point, 0));
}
inline std::int64_t freed_blocks(const Point& point, std::int64_t) {
  return burst_blocks(point, 0) - surviving_blocks(point, 0);
}
// No two survivors lie on one page.
inline std::int64_t survivor_pages_bytes(const Point& point, std::int64_t page_bytes) {
  return surviving_blocks(point, 0) * pages_for(burst_block_bytes(point), page_bytes) * page_bytes;
}

// Requires empty slots.
inline void fill(LiveSet& live, std::size_t bytes) {
  for (std::size_t slot = 0; slot < live.count(); ++slot) live.place(slot, bytes);
}

// Drops all but each kKeepOneIn-th block, beginning with the first.
inline void drop_between_survivors(LiveSet& live) {
  for (std::size_t slot = 0; slot < live.count(); ++slot)
    if (slot % kKeepOneIn != 0) live.drop(slot);
}

}  // namespace lab
