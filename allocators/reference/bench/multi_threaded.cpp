#include <pthread.h>
#include <sched.h>

#include <atomic>

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

// A bounded queue of one producer and one consumer.
class Queue {
 public:
  void push(char* block) {
    const std::size_t at = tail_.load(std::memory_order_relaxed);
    while (at - head_.load(std::memory_order_acquire) == kSlots) sched_yield();
    slots_[at % kSlots] = block;
    tail_.store(at + 1, std::memory_order_release);
  }

  char* pop() {
    const std::size_t at = head_.load(std::memory_order_relaxed);
    while (tail_.load(std::memory_order_acquire) == at) sched_yield();
    char* block = slots_[at % kSlots];
    head_.store(at + 1, std::memory_order_release);
    return block;
  }

 private:
  static constexpr std::size_t kSlots = 4096;
  char* slots_[kSlots];
  alignas(64) std::atomic<std::size_t> head_ = 0;
  alignas(64) std::atomic<std::size_t> tail_ = 0;
};

// One thread allocates, the other frees: every free is remote.
void producer_consumer(std::size_t operations) {
  static Queue queue;
  team([=](unsigned index) {
    Random random(30);
    for (std::size_t i = 0; i < operations; ++i) {
      if (index == 0) queue.push(make_block(random.between(16, 400)));
      else free(queue.pop());
    }
  });
}

// xmalloc: both threads allocate batches and free the batches of the other.
void remote_batches(std::size_t operations) {
  static Queue queues[kThreads];
  constexpr std::size_t kBlocks = 120;
  team([=](unsigned index) {
    Random random(40 + index);
    for (std::size_t i = 0; i < operations / kBlocks / kThreads; ++i) {
      for (std::size_t j = 0; j < kBlocks; ++j)
        queues[index].push(make_block(random.between(8, 600)));
      for (std::size_t j = 0; j < kBlocks; ++j) free(queues[1 - index].pop());
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
    {"producer_consumer", producer_consumer, 5'000'000},
    {"remote_batches", remote_batches, 6'000'000},
    {"thread_churn", thread_churn, 5'000},
    {"local_one_thread", local_one_thread, 12'000'000},
    {"local_all_threads", local_all_threads, 12'000'000},
    {"control_one_thread", control_one_thread, 12'000'000},
    {"control_all_threads", control_all_threads, 12'000'000},
};

}  // namespace

std::span<const Workload> multi_threaded() { return kWorkloads; }

}  // namespace bench
