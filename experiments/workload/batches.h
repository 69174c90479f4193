// Batches of linked blocks that travel between threads, and the queue they travel through. The
// links are inside the blocks: the allocator is asked for nothing else.
#pragma once

#include <pthread.h>

#include "experiments/workload/contention.h"

namespace lab {

struct BatchBlock {
  BatchBlock* next;
  BatchBlock* next_batch;
};

// Batches of all threads, oldest first. Any thread may call.
class BatchQueue {
 public:
  void push(BatchBlock* batch) {
    batch->next_batch = nullptr;
    pthread_mutex_lock(&lock_);
    *(newest_ != nullptr ? &newest_->next_batch : &oldest_) = batch;
    newest_ = batch;
    pthread_mutex_unlock(&lock_);
  }
  // Requires a queue that is not empty.
  BatchBlock* pop() {
    pthread_mutex_lock(&lock_);
    BatchBlock* batch = oldest_;
    oldest_ = batch->next_batch;
    if (oldest_ == nullptr) newest_ = nullptr;
    pthread_mutex_unlock(&lock_);
    return batch;
  }

 private:
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  BatchBlock* oldest_ = nullptr;
  BatchBlock* newest_ = nullptr;
};

// Makes and frees batches: from the allocator, or by keeping the last freed ones for the next.
class BatchMaker {
 public:
  static constexpr std::size_t kBlocks = 128;  // in a batch
  static constexpr std::size_t kBlockBytes = 64;

  // The control takes its places from `first_place` on.
  BatchMaker(Worker& worker, const BlockSource& source, std::size_t first_place)
      : worker_(worker), source_(source), place_(first_place) {}

  BatchBlock* make() {
    BatchBlock* batch = nullptr;
    for (std::size_t i = 0; i < kBlocks; ++i) {
      worker_.log.note_allocation(kBlockBytes);
      BatchBlock* block = take();
      block->next = batch;
      batch = block;
    }
    return batch;
  }

  void free(BatchBlock* batch) {
    while (batch != nullptr) {
      BatchBlock* next = batch->next;
      worker_.log.note_free(kBlockBytes);
      if (source_.allocates()) std::free(batch);
      else batch->next = spare_, spare_ = batch;
      batch = next;
    }
  }

 private:
  BatchBlock* take() {
    if (spare_ == nullptr) return static_cast<BatchBlock*>(source_.take(place_++, kBlockBytes));
    BatchBlock* block = spare_;
    spare_ = block->next;
    return block;
  }

  Worker& worker_;
  const BlockSource& source_;
  std::size_t place_;
  BatchBlock* spare_ = nullptr;
};

}  // namespace lab
