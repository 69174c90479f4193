// Threads in a ring: each makes blocks of 16 … 512 bytes, hands a share of them to the next, frees
// the rest itself, and frees what it is handed.
#pragma once

#include <sched.h>

#include "experiments/workload/contention.h"
#include "experiments/workload/hand_over.h"

namespace lab {

// A block starts with its size, so that the thread that frees it knows what it frees.
struct RingThread {
  static constexpr std::size_t kLargestBytes = 512;
  static constexpr std::size_t kPlaces =
      2 * HandOver::kCapacity;  // of the control: more than under way

  Worker& worker;
  const BlockSource& source;
  HandOver& in;
  HandOver& out;
  std::size_t first_place;
  std::size_t handed = 0;

  std::size_t* make() {
    const std::size_t bytes = 16 + worker.rng.below(kLargestBytes - 16 + 1);
    worker.log.note_allocation(bytes);
    auto* block = static_cast<std::size_t*>(source.take(first_place + handed % kPlaces, bytes));
    *block = bytes;
    return block;
  }

  void free(std::size_t* block) {
    worker.log.note_free(*block);
    source.give_back(block);
  }

  // Frees all that has arrived. Returns false when nothing had.
  bool free_arrived() {
    auto* block = static_cast<std::size_t*>(in.pop());
    if (block == nullptr) return false;
    for (; block != nullptr; block = static_cast<std::size_t*>(in.pop())) free(block);
    return true;
  }

  // Makes `blocks`; returns when those, and all that it was handed, are freed.
  void work(std::size_t blocks, std::uint64_t remote_percent) {
    for (std::size_t number = 0; number < blocks; ++number) {
      std::size_t* block = make();
      if (worker.rng.below(100) >= remote_percent) {
        free(block);
        continue;
      }
      while (!out.push(block))
        if (!free_arrived()) sched_yield();
      ++handed;
      if (number % 64 == 0) free_arrived();
    }
    out.close();
    while (!in.drained())
      if (!free_arrived()) sched_yield();
  }
};

}  // namespace lab
