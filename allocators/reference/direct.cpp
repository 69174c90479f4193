#include "direct.h"

#include <new>

#include "knobs.h"
#include "os.h"
#include "pages.h"
#include "purge_clock.h"

namespace reference::direct {

constinit Lock lock;

namespace {

constexpr std::size_t kMaxCachedMappingBytes = 32 << 20;
constexpr std::size_t kMaxCachedBytes = 64 << 20;
constexpr unsigned kMaxCachedMappings = 16;
constexpr std::size_t kHeaderBytes = kPageBytes;

class List {
 public:
  void push_front(Segment* header) {
    header->prev = nullptr;
    header->next = front_;
    (front_ != nullptr ? front_->prev : back_) = header;
    front_ = header;
    ++count_;
    bytes_ += header->mapped_bytes;
  }

  void remove(Segment* header) {
    (header->prev != nullptr ? header->prev->next : front_) = header->next;
    (header->next != nullptr ? header->next->prev : back_) = header->prev;
    --count_;
    bytes_ -= header->mapped_bytes;
  }

  Segment* front() const { return front_; }
  Segment* back() const { return back_; }
  unsigned count() const { return count_; }
  std::size_t bytes() const { return bytes_; }

 private:
  Segment* front_ = nullptr;
  Segment* back_ = nullptr;
  unsigned count_ = 0;
  std::size_t bytes_ = 0;
};

constinit List in_use;
constinit List cached;  // newest first

// (Re)writes what depends on the header's address and size. Returns the block.
void* prepare(Segment* header) {
  char* block = offset(header, header->block_offset);
  Span* span = &header->spans[0];
  span->kind = SpanKind::direct;
  span->block_bytes = header->mapped_bytes - header->block_offset;
  header->span_at[address_of(block) / kUnitBytes % kUnitsPerSegment] = span;
  return block;
}

void* put_in_use(Segment* header) {
  Locked locked(lock);
  in_use.push_front(header);
  return prepare(header);
}

// Writes only the fields of a header that a direct block has; the rest of the page stays zero.
Segment* make_header(void* start, std::size_t mapped_bytes, std::size_t block_offset) {
  auto* header = static_cast<Segment*>(start);
  new (&header->spans[0]) Span;
  header->mapped_bytes = mapped_bytes;
  header->block_offset = block_offset;
  return header;
}

void release(Segment* header) {
  const std::size_t bytes = header->mapped_bytes;
  if (pages::release(header, bytes)) return;
  // The OS would not split or drop the mapping: keep it, without content, for the next request.
  header->block_offset = kHeaderBytes;
  pages::purge(offset(header, kHeaderBytes), bytes - kHeaderBytes);
  Locked locked(lock);
  cached.push_front(header);
}

// Takes the oldest cached mapping out when `surplus` says there is too much. Returns nullptr when
// there is not.
template <typename Surplus>
Segment* take_surplus(Surplus surplus) {
  Locked locked(lock);
  Segment* oldest = cached.back();
  if (oldest == nullptr || !surplus(oldest)) return nullptr;
  cached.remove(oldest);
  return oldest;
}

void trim_cache() {
  const std::uint64_t present = purge_clock::now();
  const std::size_t limit =
      knobs.trim_threshold_bytes > kMaxCachedBytes ? knobs.trim_threshold_bytes : kMaxCachedBytes;
  const auto surplus = [=](const Segment* oldest) {
    if (cached.count() > kMaxCachedMappings || cached.bytes() > limit) return true;
    return cached.bytes() > knobs.trim_threshold_bytes &&
           purge_clock::is_due(oldest->cached_since, present);
  };
  for (unsigned tries = kMaxCachedMappings; tries-- != 0;) {
    Segment* oldest = take_surplus(surplus);
    if (oldest == nullptr) return;
    release(oldest);
  }
}

// The cached mapping that serves `mapped_bytes` with the least change: the smallest that is large
// enough, else the largest, which then has to grow.
Segment* best_cached(std::size_t mapped_bytes) {
  Segment* best = nullptr;
  for (Segment* header = cached.front(); header != nullptr; header = header->next) {
    if (best == nullptr) {
      best = header;
      continue;
    }
    const bool fits = header->mapped_bytes >= mapped_bytes;
    const bool best_fits = best->mapped_bytes >= mapped_bytes;
    if (fits != best_fits ? fits : fits == (header->mapped_bytes < best->mapped_bytes))
      best = header;
  }
  return best;
}

Segment* take_cached(std::size_t mapped_bytes) {
  Locked locked(lock);
  Segment* header = best_cached(mapped_bytes);
  if (header != nullptr) cached.remove(header);
  return header;
}

// Makes a mapping that is not in a list `mapped_bytes` long. Returns its header, perhaps moved, or
// nullptr.
Segment* fit(Segment* header, std::size_t mapped_bytes) {
  const std::size_t old_bytes = header->mapped_bytes;
  if (mapped_bytes < old_bytes) {
    if (!pages::release(offset(header, mapped_bytes), old_bytes - mapped_bytes)) return header;
  } else if (mapped_bytes > old_bytes && !pages::resize_in_place(header, old_bytes, mapped_bytes)) {
    header = static_cast<Segment*>(pages::move(header, old_bytes, mapped_bytes, kSegmentBytes));
    if (header == nullptr) return nullptr;
  }
  header->mapped_bytes = mapped_bytes;
  return header;
}

// Serves a request from the cache, reshaping the best mapping. Returns nullptr when there is none
// worth it.
void* reuse(std::size_t mapped_bytes) {
  Segment* header = take_cached(mapped_bytes);
  if (header == nullptr) return nullptr;
  const std::size_t have = header->mapped_bytes;
  if (have >= mapped_bytes && have - mapped_bytes <= mapped_bytes / 4) return put_in_use(header);
  Segment* fitted = fit(header, mapped_bytes);
  if (fitted != nullptr) {
    if (mapped_bytes > have) give_way(mapped_bytes - have);
    return put_in_use(fitted);
  }
  release(header);
  return nullptr;
}

void* map_new(std::size_t mapped_bytes, std::size_t block_offset, std::size_t alignment) {
  const std::size_t lead = alignment > kSegmentBytes ? block_offset : 0;
  const std::size_t placed = alignment > kSegmentBytes ? alignment : kSegmentBytes;
  void* start = pages::reserve(mapped_bytes, placed, lead, Source::mmap);
  if (start == nullptr) return nullptr;
  if (!pages::commit(start, mapped_bytes)) {
    pages::release(start, mapped_bytes);
    return nullptr;
  }
  give_way(mapped_bytes);
  return put_in_use(make_header(start, mapped_bytes, block_offset));
}

}  // namespace

void* allocate(std::size_t bytes, std::size_t alignment, bool& zero) {
  const std::size_t block_offset = alignment >= kSegmentBytes ? kSegmentBytes
                                   : alignment > kHeaderBytes ? alignment
                                                              : kHeaderBytes;
  const std::size_t mapped_bytes = align_up(block_offset + bytes, kPageBytes);
  trim_cache();
  zero = false;
  if (block_offset == kHeaderBytes) {
    if (void* block = reuse(mapped_bytes)) return block;
  }
  zero = true;
  void* block = map_new(mapped_bytes, block_offset, alignment);
  if (block != nullptr) return block;
  release_all();
  return map_new(mapped_bytes, block_offset, alignment);
}

void deallocate(void* block) {
  Segment* header = segment_of(block);
  const bool keep = header->block_offset == kHeaderBytes &&
                    header->mapped_bytes <= kMaxCachedMappingBytes && knobs.purge_delay != 0;
  const std::uint64_t present = purge_clock::now();
  {
    Locked locked(lock);
    in_use.remove(header);
    if (keep) {
      header->cached_since = present;
      cached.push_front(header);
    }
  }
  if (!keep) release(header);
  trim_cache();
}

void* resize(void* block, std::size_t bytes) {
  Segment* header = segment_of(block);
  std::size_t mapped_bytes = align_up(header->block_offset + bytes, kPageBytes);
  // Growing blocks tend to grow again: address space ahead costs nothing and saves system calls.
  if (mapped_bytes > header->mapped_bytes) mapped_bytes += align_up(mapped_bytes / 8, kPageBytes);
  {
    Locked locked(lock);
    in_use.remove(header);
  }
  Segment* fitted = fit(header, mapped_bytes);
  void* resized = put_in_use(fitted != nullptr ? fitted : header);
  return fitted != nullptr ? resized : nullptr;
}

void give_way(std::size_t bytes) {
  std::size_t released = 0;
  for (unsigned tries = kMaxCachedMappings; tries-- != 0 && released < bytes;) {
    Segment* oldest = take_surplus([](const Segment*) { return true; });
    if (oldest == nullptr) return;
    released += oldest->mapped_bytes;
    release(oldest);
  }
}

void release_all() { give_way(SIZE_MAX); }

Totals totals() {
  Locked locked(lock);
  Totals sum;
  sum.cached_bytes = cached.bytes();
  sum.blocks = in_use.count();
  for (Segment* header = in_use.front(); header != nullptr; header = header->next) {
    sum.header_bytes += header->block_offset;
    sum.block_bytes += header->spans[0].block_bytes;
  }
  return sum;
}

void for_each_block(void (*visit)(Segment* header, Span* span, void* context), void* context) {
  for (Segment* header = in_use.front(); header != nullptr; header = header->next) {
    visit(header, &header->spans[0], context);
  }
}

}  // namespace reference::direct
