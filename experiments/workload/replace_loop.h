// The inner loop of several contention experiments: replace random blocks of a range of slots by
// new ones of 16 … 512 bytes, writing each once. Ranges of different threads must not overlap.
#pragma once

#include "experiments/workload/contention.h"

namespace lab {

class ReplaceLoop {
 public:
  static constexpr std::size_t kLargestBytes = 512;

  // `slots` empty slots in scratch. Requires: before the first mark.
  ReplaceLoop(Context& lab, std::size_t slots) : slots_(lab.scratch_array<Slot>(slots)) {}

  // Replaces `times` blocks of the `count` slots from `first` on.
  void run(Worker& worker, const BlockSource& source, std::size_t first, std::size_t count,
           std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) {
      const std::size_t slot = first + worker.rng.below(count);
      drop(worker, source, slot);
      place(worker, source, slot, 16 + worker.rng.below(kLargestBytes - 16 + 1));
    }
  }

 private:
  struct Slot {
    std::size_t* block;
    std::size_t bytes;
  };

  void place(Worker& worker, const BlockSource& source, std::size_t slot, std::size_t bytes) {
    worker.log.note_allocation(bytes);
    slots_[slot] = {static_cast<std::size_t*>(source.take(slot, bytes)), bytes};
    *slots_[slot].block = bytes;
  }
  void drop(Worker& worker, const BlockSource& source, std::size_t slot) {
    if (slots_[slot].block == nullptr) return;
    worker.log.note_free(slots_[slot].bytes);
    source.give_back(slots_[slot].block);
  }

  Slot* slots_;
};

}  // namespace lab
