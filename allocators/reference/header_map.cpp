#include "header_map.h"

#include "free_mark.h"
#include "message.h"
#include "os.h"
#include "pages.h"

namespace reference::header_map {
namespace {

constexpr std::size_t kMapBytes = kRanges * sizeof(Range);

bool is_on() { return ranges != &range_of_null; }

}  // namespace

void set_up() {
  void* start = pages::map(kMapBytes, kMapBytes, kPageBytes, 0, Source::mmap);
  if (start == nullptr) {
    warn("no memory for the checks: they stay off");
    knobs.check_level = 0;
    return;
  }
  ranges = static_cast<std::atomic<Range>*>(start);
  unchecked_limit = 0;
  free_mark::secret ^= address_of(&knobs) * 0x9e3779b97f4a7c15;
}

void set(const void* header, Range range) {
  if (!is_on()) return;
  ranges[address_of(header) / kSegmentBytes].store(range, std::memory_order_relaxed);
}

std::size_t mapped_bytes() { return is_on() ? kMapBytes : 0; }

}  // namespace reference::header_map
