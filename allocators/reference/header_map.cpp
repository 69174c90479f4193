#include "header_map.h"

#include <atomic>
#include <cstdint>

#include "os.h"
#include "pages.h"
#include "segment.h"

namespace reference::header_map {
namespace {

constexpr unsigned kAddressBits = 47;
constexpr std::size_t kRanges = (std::size_t{1} << kAddressBits) / kSegmentBytes;
constexpr std::size_t kMapBytes = kRanges / 8;
using Word = std::atomic<std::uint64_t>;

constinit Word* words = nullptr;

std::uint64_t bit_of(std::uintptr_t address) {
  return std::uint64_t{1} << address / kSegmentBytes % 64;
}

Word& word_of(std::uintptr_t address) { return words[address / kSegmentBytes / 64]; }

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

bool covers(const void* block) {
  const std::uintptr_t address = address_of(block) - 1;
  if (words == nullptr || address >> kAddressBits != 0) return false;
  return (word_of(address).load(std::memory_order_relaxed) & bit_of(address)) != 0;
}

std::size_t mapped_bytes() { return words == nullptr ? 0 : kMapBytes; }

}  // namespace reference::header_map
