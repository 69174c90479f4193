// A bounded queue that hands pointers from one thread to one other. Never blocks, never allocates:
// a caller that finds it full or empty does something else or yields.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lab {

class HandOver {
 public:
  static constexpr std::uint32_t kCapacity = 4096;  // power of two

  // Producer only. Returns false when the queue is full.
  bool push(void* block) {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
    blocks_[tail % kCapacity] = block;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Consumer only. Returns nullptr when the queue is empty.
  void* pop() {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return nullptr;
    void* block = blocks_[head % kCapacity];
    head_.store(head + 1, std::memory_order_release);
    return block;
  }

  // Producer: nothing more will come.
  void close() { closed_.store(true, std::memory_order_release); }
  // Consumer: true when nothing is left and nothing will come.
  bool drained() const {
    return closed_.load(std::memory_order_acquire) &&
           head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_acquire);
  }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  alignas(64) std::atomic<bool> closed_{false};
  void* blocks_[kCapacity] = {};
};

}  // namespace lab
