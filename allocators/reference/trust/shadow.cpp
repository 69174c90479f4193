#include "shadow.h"

#include <algorithm>
#include <iterator>

#include "require.h"

namespace trust {
namespace {

// Blocks up to here are written whole; of larger ones the ends and some bytes between.
constexpr std::size_t kWholeBytes = 2048;
constexpr std::size_t kMinStrideBytes = 1021;
constexpr std::size_t kMaxSamples = 32;

std::uintptr_t address_of(const void* block) { return reinterpret_cast<std::uintptr_t>(block); }

class Pattern {
 public:
  explicit Pattern(Placed placed)
      : key_((address_of(placed.block) + placed.bytes * 0x9e37'79b9) * 0x9e37'79b9'7f4a'7c15) {}

  unsigned char at(std::size_t index) const {
    return static_cast<unsigned char>(key_ >> 8 * (1 + index % 7)) ^
           static_cast<unsigned char>(index / 7);
  }

 private:
  std::uint64_t key_;
};

template <typename Visit>
void for_each_index(std::size_t bytes, Visit visit) {
  const std::size_t dense = std::min(bytes, kWholeBytes);
  for (std::size_t index = 0; index < dense; ++index) visit(index);
  const std::size_t stride = std::max(kMinStrideBytes, bytes / kMaxSamples);
  for (std::size_t index = dense; index < bytes; index += stride) visit(index);
  if (bytes > dense) visit(bytes - 1);
}

void write_pattern(Placed placed) {
  const Pattern pattern(placed);
  auto* content = static_cast<unsigned char*>(placed.block);
  for_each_index(placed.bytes, [&](std::size_t index) { content[index] = pattern.at(index); });
}

void require_zero(const void* block, std::size_t bytes) {
  const auto* content = static_cast<const unsigned char*>(block);
  for_each_index(bytes, [&](std::size_t index) {
    require(content[index] == 0, "calloc's block %p is not zero at %zu of %zu", block, index,
            bytes);
  });
}

}  // namespace

void require_pattern(const void* block, Placed written, std::size_t kept_bytes) {
  const Pattern pattern(written);
  const auto* content = static_cast<const unsigned char*>(block);
  for_each_index(written.bytes, [&](std::size_t index) {
    if (index >= kept_bytes) return;
    require(content[index] == pattern.at(index), "block %p of %zu bytes changed at %zu", block,
            written.bytes, index);
  });
}

void Shadow::insert(Placed placed) {
  const std::uintptr_t start = address_of(placed.block);
  const std::uintptr_t end = start + std::max<std::size_t>(placed.bytes, 1);
  const auto above = end_of_.lower_bound(start);
  if (above != end_of_.end())
    require(end <= above->first, "block %p of %zu bytes overlaps the one above", placed.block,
            placed.bytes);
  if (above != end_of_.begin())
    require(std::prev(above)->second <= start, "block %p of %zu bytes overlaps the one below",
            placed.block, placed.bytes);
  end_of_.emplace_hint(above, start, end);
}

void Shadow::add(Placed placed, std::size_t alignment, std::size_t zero_bytes) {
  require(address_of(placed.block) % alignment == 0, "block %p is not aligned to %zu", placed.block,
          alignment);
  insert(placed);
  require_zero(placed.block, zero_bytes);
  write_pattern(placed);
}

void Shadow::receive(Placed placed) {
  insert(placed);
  require_pattern(placed.block, placed, placed.bytes);
}

void Shadow::remove(Placed placed) {
  require(end_of_.erase(address_of(placed.block)) == 1, "block %p is not known", placed.block);
  require_pattern(placed.block, placed, placed.bytes);
}

}  // namespace trust
