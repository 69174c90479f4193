// Robson's adversary: it sees addresses, and frees what leaves no hole that the next size could
// use.
#pragma once

#include <algorithm>

#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {

class RobsonAdversary {
 public:
  // May hold `most_blocks`. Requires: before the first mark.
  RobsonAdversary(Context& lab, std::size_t most_blocks)
      : blocks_(lab.scratch_array<Block>(most_blocks)), page_bytes_(lab.page_bytes()) {}

  // Frees as many blocks as it can while every hole between survivors stays below `hole_bytes`.
  void free_between_survivors(std::size_t hole_bytes) {
    std::sort(blocks_, blocks_ + count_, [](Block a, Block b) { return a.start < b.start; });
    const std::size_t count = count_;
    const char* survivor_end = blocks_[0].start;
    count_ = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const bool last = i + 1 == count;
      if (last || blocks_[i + 1].start - survivor_end >= static_cast<std::ptrdiff_t>(hole_bytes)) {
        survivor_end = blocks_[i].start + blocks_[i].bytes;
        blocks_[count_++] = blocks_[i];
      } else {
        log_.free(blocks_[i].start, blocks_[i].bytes);
      }
    }
  }

  // Places blocks of `bytes` until the next one would exceed `live_bytes`.
  void fill(std::size_t bytes, std::int64_t live_bytes) {
    while (log_.live_bytes() + static_cast<std::int64_t>(bytes) <= live_bytes) {
      auto* block = static_cast<char*>(log_.malloc(bytes));
      write_range(block, bytes, page_bytes_);
      blocks_[count_++] = {block, bytes};
    }
  }

  void free_all() {
    for (; count_ > 0; --count_) log_.free(blocks_[count_ - 1].start, blocks_[count_ - 1].bytes);
  }

  void report(Context& lab) { log_.report(lab); }

 private:
  struct Block {
    char* start;
    std::size_t bytes;
  };

  Block* blocks_;
  std::size_t count_ = 0;
  std::size_t page_bytes_;
  RequestLog log_;
};

}  // namespace lab
