#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <cstring>

#include "tools.h"
#include "workloads.h"

namespace bench {
namespace {

// Runs body(index) on kThreads threads and waits for them.
template <typename Body>
void team(Body body) {
  struct Member {
    Body* body;
    unsigned index;
  };
  pthread_t threads[kThreads];
  Member members[kThreads];
  for (unsigned i = 0; i < kThreads; ++i) {
    members[i] = {&body, i};
    const auto start = [](void* member) -> void* {
      auto* self = static_cast<Member*>(member);
      (*self->body)(self->index);
      return nullptr;
    };
    if (pthread_create(&threads[i], nullptr, start, &members[i]) != 0) abort();
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

void churn_slots(Random& random, Table& table, std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    char*& slot = table[random.below(table.count())];
    free(slot);
    slot = make_block(random.power_law_bytes());
  }
}

void churn_threads(std::size_t operations) {
  team([=](unsigned index) {
    Random random(10 + index);
    Table table(50'000);
    churn_slots(random, table, operations / kThreads);
    table.free_all();
  });
}

// Larson's server: a thread replaces random blocks of its table, then leaves the table to a new
// thread.
void larson(std::size_t operations) {
  constexpr std::size_t kGenerations = 50;
  Table first(2000), second(2000);
  Table* const tables[] = {&first, &second};
  for (std::size_t generation = 0; generation < kGenerations; ++generation) {
    team([=](unsigned index) {
      Random random(generation * kThreads + index + 20);
      Table& table = *tables[(index + generation) % kThreads];
      for (std::size_t i = 0; i < operations / kGenerations / kThreads; ++i) {
        char*& slot = table[random.below(table.count())];
        free(slot);
        slot = make_block(random.between(10, 500));
      }
    });
  }
  first.free_all();
  second.free_all();
}

// A bounded queue of full batches between two threads. Waiting sleeps: a spinning thread would
// measure the scheduler.
class Queue {
 public:
  static constexpr std::size_t kBatch = 256;
  using Batch = char* [kBatch];

  // Copies the batch in, or out; waits while there is no room, or nothing.
  void push(const Batch& batch) {
    wait_while([this] { return tail_ - head_ == kBatches; });
    memcpy(batches_[tail_ % kBatches], batch, sizeof batch);
    advance(tail_);
  }

  void pop(Batch& batch) {
    wait_while([this] { return tail_ == head_; });
    memcpy(batch, batches_[head_ % kBatches], sizeof batch);
    advance(head_);
  }

 private:
  template <typename Condition>
  void wait_while(Condition condition) {
    pthread_mutex_lock(&mutex_);
    while (condition()) pthread_cond_wait(&changed_, &mutex_);
    pthread_mutex_unlock(&mutex_);
  }

  void advance(std::size_t& end) {
    pthread_mutex_lock(&mutex_);
    ++end;
    pthread_cond_signal(&changed_);
    pthread_mutex_unlock(&mutex_);
  }

  static constexpr std::size_t kBatches = 32;
  Batch batches_[kBatches];
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
};

void make_batch(Queue::Batch& batch, Random& random, std::size_t max_bytes) {
  for (char*& block : batch) block = make_block(random.between(16, max_bytes));
}

void free_batch(const Queue::Batch& batch) {
  for (char* block : batch) free(block);
}

// One thread allocates, the other frees: every free is remote.
void producer_consumer(std::size_t operations) {
  Outside<Queue> outside;
  Queue& queue = *outside.get();
  team([&](unsigned index) {
    Random random(30);
    Queue::Batch batch;
    for (std::size_t i = 0; i < operations / Queue::kBatch; ++i) {
      if (index == 0) {
        make_batch(batch, random, 400);
        queue.push(batch);
      } else {
        queue.pop(batch);
        free_batch(batch);
      }
    }
  });
}

// xmalloc: both threads allocate batches and free the batches of the other.
void remote_batches(std::size_t operations) {
  struct Pair {
    Queue queues[kThreads];
  };
  Outside<Pair> outside;
  auto& queues = outside.get()->queues;
  team([&](unsigned index) {
    Random random(40 + index);
    Queue::Batch batch;
    for (std::size_t i = 0; i < operations / Queue::kBatch / kThreads; ++i) {
      make_batch(batch, random, 600);
      queues[index].push(batch);
      queues[1 - index].pop(batch);
      free_batch(batch);
    }
  });
}

// A ring of single blocks between two threads that wait by spinning: how the two threads happen to
// be scheduled weighs as much as the allocator.
class Ring {
 public:
  void push(char* block) {
    std::atomic<char*>& slot = slots_[pushed_++ % kSlots];
    while (slot.load(std::memory_order_relaxed) != nullptr) sched_yield();
    slot.store(block, std::memory_order_release);
  }

  char* pop() {
    std::atomic<char*>& slot = slots_[popped_++ % kSlots];
    char* block;
    while ((block = slot.load(std::memory_order_acquire)) == nullptr) sched_yield();
    slot.store(nullptr, std::memory_order_release);
    return block;
  }

 private:
  static constexpr std::size_t kSlots = 4096;
  std::atomic<char*> slots_[kSlots] = {};
  alignas(64) std::size_t pushed_ = 0;
  alignas(64) std::size_t popped_ = 0;
};

void producer_consumer_spinning(std::size_t operations) {
  Outside<Ring> outside;
  Ring& ring = *outside.get();
  team([&](unsigned index) {
    Random random(30);
    for (std::size_t i = 0; i < operations; ++i) {
      if (index == 0) ring.push(make_block(random.between(16, 400)));
      else free(ring.pop());
    }
  });
}

void remote_batches_spinning(std::size_t operations) {
  constexpr std::size_t kBatch = 1000;
  struct Pair {
    Ring rings[kThreads];
  };
  Outside<Pair> outside;
  auto& rings = outside.get()->rings;
  team([&](unsigned index) {
    Random random(40 + index);
    for (std::size_t round = 0; round < operations / kBatch / kThreads; ++round) {
      for (std::size_t i = 0; i < kBatch; ++i)
        rings[index].push(make_block(random.between(16, 600)));
      for (std::size_t i = 0; i < kBatch; ++i) free(rings[1 - index].pop());
    }
  });
}

// Short-lived threads; each leaves a tenth of its blocks to be freed later by the main thread.
void thread_churn(std::size_t operations) {
  struct Job {
    Table blocks{300};
    std::size_t seed = 0;
  };
  Job job;
  for (job.seed = 0; job.seed < operations; ++job.seed) {
    pthread_t thread;
    const auto body = [](void* argument) -> void* {
      auto* self = static_cast<Job*>(argument);
      Random random(self->seed);
      for (std::size_t i = 0; i < 300; ++i) self->blocks[i] = make_block(random.between(16, 1000));
      for (std::size_t i = 0; i < 300; ++i) {
        if (i % 10 != 0) free(self->blocks[i]), self->blocks[i] = nullptr;
      }
      return nullptr;
    };
    if (pthread_create(&thread, nullptr, body, &job) != 0) abort();
    pthread_join(thread, nullptr);
    job.blocks.free_all();
  }
}

void local_loop(unsigned index, std::size_t operations) {
  Random random(50 + index);
  Table table(1000);
  for (std::size_t i = 0; i < operations; ++i) {
    char*& slot = table[random.below(table.count())];
    free(slot);
    slot = make_block(random.between(16, 512));
  }
  table.free_all();
}

// The same loop without allocation, as control: what scales worse than this is the allocator's
// doing.
void control_loop(unsigned index, std::size_t operations) {
  Random random(50 + index);
  Table table(1000);
  for (std::size_t i = 0; i < 6 * operations; ++i) {
    char*& slot = table[random.below(table.count())];
    slot += random.between(16, 512);
  }
}

void local_one_thread(std::size_t operations) { local_loop(0, operations); }
void control_one_thread(std::size_t operations) { control_loop(0, operations); }

void local_all_threads(std::size_t operations) {
  team([=](unsigned index) { local_loop(index, operations); });
}

void control_all_threads(std::size_t operations) {
  team([=](unsigned index) { control_loop(index, operations); });
}

constexpr Workload kWorkloads[] = {
    {"churn_threads", churn_threads, 6'000'000},
    {"larson", larson, 12'000'000},
    {"producer_consumer", producer_consumer, 10'000'000},
    {"remote_batches", remote_batches, 10'000'000},
    {"producer_consumer_spinning", producer_consumer_spinning, 5'000'000},
    {"remote_batches_spinning", remote_batches_spinning, 5'000'000},
    {"thread_churn", thread_churn, 5'000},
    {"local_one_thread", local_one_thread, 12'000'000},
    {"local_all_threads", local_all_threads, 12'000'000},
    {"control_one_thread", control_one_thread, 12'000'000},
    {"control_all_threads", control_all_threads, 12'000'000},
};

}  // namespace

std::span<const Workload> multi_threaded() { return kWorkloads; }

}  // namespace bench
