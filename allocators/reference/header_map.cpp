#include "header_map.h"

#include "os.h"
#include "pages.h"

namespace reference::header_map {

constinit Word* words = nullptr;

namespace {

constexpr std::size_t kRanges = (std::size_t{1} << kAddressBits) / kSegmentBytes;
constexpr std::size_t kMapBytes = kRanges / 8;

}  // namespace

bool set_up() {
  void* start = pages::reserve(kMapBytes, kPageBytes, 0, Source::mmap);
  if (start == nullptr) return false;
  if (!pages::commit(start, kMapBytes)) {
    pages::drop(start, kMapBytes);
    return false;
  }
  words = static_cast<Word*>(start);
  return true;
}

void add(const void* segment) {
  if (words != nullptr) word_of(address_of(segment)).fetch_or(bit_of(address_of(segment)));
}

void remove(const void* segment) {
  if (words != nullptr) word_of(address_of(segment)).fetch_and(~bit_of(address_of(segment)));
}

std::size_t mapped_bytes() { return words == nullptr ? 0 : kMapBytes; }

}  // namespace reference::header_map
