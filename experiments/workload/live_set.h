// A table of blocks that a body holds: the table lies outside the allocator under test, the blocks
// inside. Every block is touched when it is placed. One thread at a time.
#pragma once

#include <malloc.h>

#include <cstddef>

#include "experiments/workload/request_log.h"
#include "experiments/workload/touch.h"

namespace lab {

class LiveSet {
 public:
  // `count` empty slots in scratch. Requires: before the first mark.
  LiveSet(Context& lab, std::size_t count)
      : slots_(lab.scratch_array<Slot>(count)), count_(count), page_bytes_(lab.page_bytes()) {}

  std::size_t count() const { return count_; }
  bool holds(std::size_t slot) const { return slots_[slot].block != nullptr; }
  void* block(std::size_t slot) const { return slots_[slot].block; }
  std::size_t bytes(std::size_t slot) const { return slots_[slot].bytes; }
  std::int64_t live_bytes() const { return log_.live_bytes(); }

  // Requires an empty slot.
  void place(std::size_t slot, std::size_t bytes) {
    void* block = log_.malloc(bytes);
    write_range(block, bytes, page_bytes_);
    slots_[slot] = {block, bytes};
  }

  // An empty slot stays as it is.
  void drop(std::size_t slot) {
    if (!holds(slot)) return;
    log_.free(slots_[slot].block, slots_[slot].bytes);
    slots_[slot] = {};
  }

  // Moves what `from` holds to the empty slot `to`.
  void move(std::size_t from, std::size_t to) {
    if (from == to) return;
    slots_[to] = slots_[from];
    slots_[from] = {};
  }

  void replace(std::size_t slot, std::size_t bytes) {
    drop(slot);
    place(slot, bytes);
  }

  void drop_all() {
    for (std::size_t slot = 0; slot < count_; ++slot) drop(slot);
  }

  // What the allocator set aside for the live blocks: block bytes, at least the live bytes.
  std::int64_t block_bytes() const {
    std::size_t sum = 0;
    for (std::size_t slot = 0; slot < count_; ++slot) sum += malloc_usable_size(slots_[slot].block);
    return static_cast<std::int64_t>(sum);
  }

  // Tells the running phase the requests since the last report and what is live now.
  void report(Context& lab) { log_.report(lab); }

 private:
  struct Slot {
    void* block;
    std::size_t bytes;
  };

  Slot* slots_;
  std::size_t count_;
  std::size_t page_bytes_;
  RequestLog log_;
};

}  // namespace lab
