#include "extents.h"

#include <cstdint>
#include <new>

#include "bits.h"
#include "knobs.h"
#include "pages.h"
#include "purge_clock.h"
#include "segment.h"

namespace reference::extents {

constinit Lock lock;

namespace {

constexpr std::size_t kMaxKeptExtentBytes = 32
                                            << 20;  // a larger extent is released when it is given
constexpr std::size_t kMaxKeptBytes = 128 << 20;
constexpr std::size_t kSparedShare = 2;  // half of what is in use may be kept beside it

// A kept extent; lies at its own start.
struct Extent {
  std::size_t bytes;
  std::uint64_t since;
  Extent* next;

  char* end() { return offset(this, bytes); }
};

constinit Extent* kept = nullptr;  // newest first
constinit std::size_t kept_total_bytes = 0;
constinit std::size_t in_use_bytes = 0;

// Requires for all of these: lock held.

void push(void* start, std::size_t bytes, std::uint64_t since) {
  kept = new (start) Extent{bytes, since, kept};
  kept_total_bytes += bytes;
}

Extent* pop(Extent** link) {
  Extent* extent = *link;
  *link = extent->next;
  kept_total_bytes -= extent->bytes;
  return extent;
}

void push_merged(char* start, std::size_t bytes) {
  for (Extent** link = &kept; *link != nullptr;) {
    Extent* extent = *link;
    if (extent->end() != start && reinterpret_cast<char*>(extent) != start + bytes) {
      link = &extent->next;
      continue;
    }
    pop(link);
    if (extent->end() == start) start = reinterpret_cast<char*>(extent);
    bytes += extent->bytes;
  }
  push(start, bytes, purge_clock::now());
}

// The link to the smallest extent that holds `bytes`, or to nullptr.
Extent** best_fit(std::size_t bytes) {
  Extent** best = nullptr;
  Extent** link = &kept;
  for (; *link != nullptr; link = &(*link)->next) {
    if ((*link)->bytes >= bytes && (best == nullptr || (*link)->bytes < (*best)->bytes))
      best = link;
  }
  return best != nullptr ? best : link;
}

// Takes `bytes` from the start of a kept extent; the rest stays kept.
void* cut(Extent** link, std::size_t bytes) {
  Extent* extent = pop(link);
  const std::size_t rest = extent->bytes - bytes;
  if (rest != 0) push(offset(extent, bytes), rest, extent->since);
  in_use_bytes += bytes;
  return extent;
}

Extent** oldest() {
  Extent** link = &kept;
  while ((*link)->next != nullptr) link = &(*link)->next;
  return link;
}

void push_back(void* start, std::size_t bytes, std::uint64_t since) {
  Extent** link = &kept;
  while (*link != nullptr) link = &(*link)->next;
  *link = new (start) Extent{bytes, since, nullptr};
  kept_total_bytes += bytes;
}

// Returns false when the OS would not take it; then the extent is kept, without content.
bool release(Extent* extent) {
  const std::size_t bytes = extent->bytes;
  if (pages::release(extent, bytes)) return true;
  pages::purge(extent, bytes);
  push(extent, bytes, purge_clock::now());
  return false;
}

// Releases the oldest memory until at most `bytes` are kept: no more of an extent than that takes.
void release_down_to(std::size_t bytes) {
  while (kept_total_bytes > bytes) {
    const std::size_t surplus = align_up(kept_total_bytes - bytes, kSegmentBytes);
    Extent* extent = pop(oldest());
    if (extent->bytes > surplus) {
      const std::size_t rest = extent->bytes - surplus;
      push_back(extent, rest, extent->since);
      extent = new (offset(extent, rest)) Extent{surplus, 0, nullptr};
    }
    if (!release(extent)) return;
  }
}

void release_old() {
  const std::uint64_t present = purge_clock::now();
  release_down_to(knobs.trim_threshold_bytes > kMaxKeptBytes ? knobs.trim_threshold_bytes
                                                             : kMaxKeptBytes);
  while (kept_total_bytes > knobs.trim_threshold_bytes &&
         purge_clock::is_due((*oldest())->since, present)) {
    if (!release(pop(oldest()))) return;
  }
}

// Releases as much as was mapped anew, down to the share that is spared.
void give_way(std::size_t mapped_bytes) {
  const std::size_t spared = in_use_bytes / kSparedShare;
  const std::size_t rest = kept_total_bytes > mapped_bytes ? kept_total_bytes - mapped_bytes : 0;
  release_down_to(rest > spared ? rest : spared);
}

void* map_new(std::size_t bytes) {
  void* start = pages::reserve(bytes, kSegmentBytes, 0, Source::mmap);
  if (start == nullptr) return nullptr;
  if (pages::commit(start, bytes)) return start;
  pages::drop(start, bytes);
  return nullptr;
}

}  // namespace

void* take(std::size_t bytes, bool& zero) {
  if (void* start = take_kept(bytes)) {
    zero = false;
    return start;
  }
  zero = true;
  Locked locked(lock);
  void* start = map_new(bytes);
  if (start == nullptr) {
    release_down_to(0);
    start = map_new(bytes);
  }
  if (start == nullptr) return nullptr;
  give_way(bytes);
  in_use_bytes += bytes;
  return start;
}

void* take_kept(std::size_t bytes) {
  Locked locked(lock);
  release_old();
  Extent** link = best_fit(bytes);
  return *link != nullptr ? cut(link, bytes) : nullptr;
}

bool take_at(void* start, std::size_t bytes) {
  Locked locked(lock);
  for (Extent** link = &kept; *link != nullptr; link = &(*link)->next) {
    if (*link != start) continue;
    if ((*link)->bytes < bytes) return false;
    cut(link, bytes);
    return true;
  }
  return false;
}

void give(void* start, std::size_t bytes) {
  Locked locked(lock);
  in_use_bytes -= bytes;
  if (bytes <= kMaxKeptExtentBytes && knobs.purge_delay != 0)
    push_merged(static_cast<char*>(start), bytes);
  else release(new (start) Extent{bytes, 0, nullptr});
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
