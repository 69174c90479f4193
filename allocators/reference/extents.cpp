#include "extents.h"

#include <algorithm>
#include <cstdint>

#include "bits.h"
#include "knobs.h"
#include "pages.h"
#include "purge_clock.h"
#include "segment.h"

namespace reference::extents {

constinit Lock lock;

namespace {

constexpr std::size_t kMaxKeptExtentBytes = 32 << 20;  // a larger one is released when it is given
constexpr std::size_t kMaxKeptBytes = 128 << 20;
constexpr std::size_t kSparedShare = 2;  // half of what is in use may be kept beside it
constexpr std::size_t kMaxKept = 256;    // a gigabyte at least, for who raises the trim threshold

struct Extent {
  char* start;
  std::size_t bytes;
  std::uint64_t since;
};

// Oldest first; no two are neighbours.
constinit Extent kept[kMaxKept] = {};
constinit std::size_t kept_count = 0;
constinit std::size_t kept_total_bytes = 0;
constinit std::size_t in_use_bytes = 0;

// Requires for all of these: lock held.

// The caller has moved the start if it took the bytes from there.
void shrink(Extent& extent, std::size_t bytes) {
  extent.bytes -= bytes;
  kept_total_bytes -= bytes;
  if (extent.bytes != 0) return;
  std::copy(&extent + 1, kept + kept_count, &extent);
  --kept_count;
}

// Takes `bytes` from the start of a kept extent; the rest stays kept.
void* cut(Extent& extent, std::size_t bytes) {
  void* start = extent.start;
  extent.start += bytes;
  shrink(extent, bytes);
  in_use_bytes += bytes;
  return start;
}

// Releases the oldest extent, or so much from its end that `down_to` bytes stay kept. Returns false
// when the OS would not take it; then it stays, without content, as the newest.
bool release_oldest(std::size_t down_to) {
  const std::size_t surplus = align_up(kept_total_bytes - down_to, kSegmentBytes);
  const std::size_t bytes = std::min(surplus, kept->bytes);
  if (pages::release_or_purge(kept->start + kept->bytes - bytes, bytes)) {
    shrink(*kept, bytes);
    return true;
  }
  kept->since = purge_clock::now();
  std::rotate(kept, kept + 1, kept + kept_count);
  return false;
}

void release_down_to(std::size_t bytes) {
  while (kept_total_bytes > bytes && release_oldest(bytes)) {
  }
}

void release_old() {
  const std::uint64_t present = purge_clock::now();
  const std::size_t threshold = knobs.trim_threshold_bytes;
  release_down_to(std::max(threshold, kMaxKeptBytes));
  while (kept_total_bytes > threshold && purge_clock::is_due(kept->since, present)) {
    if (!release_oldest(0)) return;
  }
}

// Keeps an extent, merged with its neighbours, as the newest.
void keep(char* start, std::size_t bytes) {
  for (std::size_t i = kept_count; i-- != 0;) {
    const Extent other = kept[i];
    if (other.start + other.bytes != start && other.start != start + bytes) continue;
    shrink(kept[i], other.bytes);
    start = std::min(start, other.start);
    bytes += other.bytes;
  }
  if (kept_count == kMaxKept && !release_oldest(0)) return pages::drop(start, bytes);
  kept[kept_count++] = {start, bytes, purge_clock::now()};
  kept_total_bytes += bytes;
}

void* map_new(std::size_t bytes) {
  return pages::map(bytes, bytes, kSegmentBytes, 0, Source::mmap);
}

}  // namespace

void* take(std::size_t bytes, bool& zero) {
  void* start = take_kept(bytes);
  zero = start == nullptr;
  if (!zero) return start;
  Locked locked(lock);
  start = map_new(bytes);
  if (start == nullptr) {
    release_down_to(0);
    start = map_new(bytes);
  }
  if (start == nullptr) return nullptr;
  // As much goes as was mapped anew, down to the share that is spared.
  const std::size_t rest = kept_total_bytes - std::min(kept_total_bytes, bytes);
  release_down_to(std::max(rest, in_use_bytes / kSparedShare));
  in_use_bytes += bytes;
  return start;
}

void* take_kept(std::size_t bytes) {
  Locked locked(lock);
  release_old();
  Extent* best = nullptr;
  for (Extent* extent = kept; extent != kept + kept_count; ++extent) {
    if (extent->bytes >= bytes && (best == nullptr || extent->bytes <= best->bytes)) best = extent;
  }
  return best != nullptr ? cut(*best, bytes) : nullptr;
}

bool take_at(void* start, std::size_t bytes) {
  Locked locked(lock);
  for (Extent* extent = kept; extent != kept + kept_count; ++extent) {
    if (extent->start == start && extent->bytes >= bytes) return cut(*extent, bytes) != nullptr;
  }
  return false;
}

void give(void* start, std::size_t bytes) {
  Locked locked(lock);
  in_use_bytes -= bytes;
  const bool is_worth_it = bytes <= kMaxKeptExtentBytes && knobs.purge_delay != 0;
  if (is_worth_it || !pages::release_or_purge(start, bytes)) keep(static_cast<char*>(start), bytes);
  release_old();
}

void account(std::ptrdiff_t bytes) {
  Locked locked(lock);
  in_use_bytes += static_cast<std::size_t>(bytes);
}

void release_all() {
  Locked locked(lock);
  release_down_to(0);
}

std::size_t kept_bytes() {
  Locked locked(lock);
  return kept_total_bytes;
}

}  // namespace reference::extents
