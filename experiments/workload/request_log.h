// Allocates for a body and keeps count, so that every arm can be proved to have done the same work.
// A realloc of a block counts as one allocation and one free. The checksum adds a hash of every
// size asked for: independent of order, so that the logs of several threads can be added.
// One log per thread; the log itself never allocates.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "harness/contract/context.h"

namespace lab {

class RequestLog {
 public:
  // The checksum of one request.
  static constexpr std::uint64_t hash(std::size_t bytes) { return Rng(bytes).next(); }

  void* malloc(std::size_t bytes) {
    note_allocation(bytes);
    return std::malloc(bytes);
  }
  void* calloc(std::size_t bytes) {
    note_allocation(bytes);
    return std::calloc(1, bytes);
  }
  void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    note_allocation(bytes);
    return std::aligned_alloc(alignment, bytes);
  }
  // Requires a block of `old_bytes`.
  void* realloc(void* block, std::size_t old_bytes, std::size_t bytes) {
    note_free(old_bytes);
    note_allocation(bytes);
    return std::realloc(block, bytes);
  }
  // Requires a block of `bytes`.
  void free(void* block, std::size_t bytes) {
    note_free(bytes);
    std::free(block);
  }

  // For requests made by other means (new, std::pmr).
  void note_allocation(std::size_t bytes) {
    ++allocations_;
    checksum_ += hash(bytes);
    live_bytes_ += static_cast<std::int64_t>(bytes);
    ++live_blocks_;
  }
  void note_free(std::size_t bytes) {
    ++frees_;
    live_bytes_ -= static_cast<std::int64_t>(bytes);
    --live_blocks_;
  }

  // Takes over what another thread's log has counted and empties it.
  void add(RequestLog& other) {
    allocations_ += other.allocations_;
    frees_ += other.frees_;
    checksum_ += other.checksum_;
    live_bytes_ += other.live_bytes_;
    live_blocks_ += other.live_blocks_;
    other = RequestLog();
  }

  // Tells the running phase what was asked for since the last report, and what is live now.
  void report(Context& lab) {
    lab.requested(allocations_, frees_, checksum_);
    lab.live(live_bytes_, live_blocks_);
    allocations_ = frees_ = 0;
    checksum_ = 0;
  }

  std::int64_t live_bytes() const { return live_bytes_; }
  std::int64_t live_blocks() const { return live_blocks_; }

 private:
  std::int64_t allocations_ = 0;
  std::int64_t frees_ = 0;
  std::uint64_t checksum_ = 0;
  std::int64_t live_bytes_ = 0;
  std::int64_t live_blocks_ = 0;
};

}  // namespace lab
