#include "header_map.h"

#include "os.h"
#include "pages.h"

namespace reference::header_map {
namespace {

constexpr std::size_t kMapBytes = kRanges * sizeof(Range);

bool is_on() { return ranges != &range_of_null; }

void set(const void* header, Range range) {
  if (!is_on()) return;
  ranges[address_of(header) / kSegmentBytes].store(range, std::memory_order_relaxed);
}

}  // namespace

bool set_up() {
  void* start = pages::reserve(kMapBytes, kPageBytes, 0, Source::mmap);
  if (start == nullptr) return false;
  if (!pages::commit(start, kMapBytes)) {
    pages::drop(start, kMapBytes);
    return false;
  }
  ranges = static_cast<std::atomic<Range>*>(start);
  return true;
}

void add(const void* header, Range range) { set(header, range); }
void remove(const void* header) { set(header, Range::foreign); }

std::size_t mapped_bytes() { return is_on() ? kMapBytes : 0; }

}  // namespace reference::header_map
