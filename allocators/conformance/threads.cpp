// Threads: blocks cross from one to another, outlive their maker, and die in destructors.
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "allocators/conformance/check.h"
#include "harness/contract/rng.h"

namespace conformance {
namespace {

constexpr int kThreads = 4;

std::size_t random_bytes(lab::Rng& rng) { return 1 + rng.below(rng.below(64) == 0 ? 100000 : 600); }

template <class Work>
void in_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

struct Parcel {
  void* block;
  std::size_t bytes;
};

// Threads swap blocks through shared slots: most blocks are freed by another thread than their
// maker.
void blocks_freed_by_another_thread_are_intact() {
  constexpr int kSlots = 256, kSteps = 100000;
  static std::atomic<Parcel*> slots[kSlots];
  in_threads(kThreads, [](int seed) {
    lab::Rng rng(static_cast<std::uint64_t>(seed));
    for (int step = 0; step < kSteps; ++step) {
      auto* parcel = static_cast<Parcel*>(std::malloc(sizeof(Parcel)));
      parcel->bytes = random_bytes(rng);
      parcel->block = filled_malloc(parcel->bytes);
      parcel = slots[rng.below(kSlots)].exchange(parcel);
      if (parcel == nullptr) continue;
      checked_free(parcel->block, parcel->bytes);
      std::free(parcel);
    }
  });
}
LAB_REGISTER_CHECK(blocks_freed_by_another_thread_are_intact);

void blocks_reallocated_by_another_thread_keep_their_content() {
  constexpr int kCount = 2000;
  static void* blocks[kCount];
  in_threads(1, [](int) {
    for (void*& block : blocks) block = filled_malloc(300);
  });
  for (void*& block : blocks) {
    const auto seed = reinterpret_cast<std::uintptr_t>(block);
    block = std::realloc(block, 3000);
    require(is_filled(block, 300, seed), "content lost in another thread's realloc");
  }
  in_threads(1, [](int) {
    for (void* block : blocks) std::free(block);
  });
}
LAB_REGISTER_CHECK(blocks_reallocated_by_another_thread_keep_their_content);

void blocks_outlive_the_thread_that_made_them() {
  constexpr int kCount = 500, kRounds = 50;
  static Parcel parcels[kCount];
  for (int round = 0; round < kRounds; ++round) {
    in_threads(1, [round](int) {
      lab::Rng rng(static_cast<std::uint64_t>(round));
      for (Parcel& parcel : parcels) {
        parcel.bytes = random_bytes(rng);
        parcel.block = filled_malloc(parcel.bytes);
      }
    });
    for (const Parcel& parcel : parcels) checked_free(parcel.block, parcel.bytes);
  }
}
LAB_REGISTER_CHECK(blocks_outlive_the_thread_that_made_them);

void churn_of(int threads) {
  for (int i = 0; i < threads; ++i)
    in_threads(1, [](int) {
      void* blocks[20];
      for (void*& block : blocks) block = filled_malloc(500);
      for (void* block : blocks) checked_free(block, 500);
    });
}

void short_lived_threads_leave_nothing_behind() {
  churn_of(500);
  const std::size_t before = resident_anonymous_bytes();
  churn_of(5000);
  const std::size_t after = resident_anonymous_bytes();
  require(after < before + (std::size_t{8} << 20), "5000 threads left %zu KiB",
          (after - before) >> 10);
}
LAB_REGISTER_CHECK(short_lived_threads_leave_nothing_behind);

// Its destructor runs when the thread's own storage is being taken down.
struct FreesAtExit {
  void* block = nullptr;
  ~FreesAtExit() {
    if (block == nullptr) return;
    checked_free(block, 700);
    checked_free(filled_malloc(900), 900);
  }
};
thread_local FreesAtExit frees_at_exit;

void thread_local_destructors_may_allocate_and_free() {
  for (int round = 0; round < 300; ++round)
    in_threads(kThreads, [](int) { frees_at_exit.block = filled_malloc(700); });
}
LAB_REGISTER_CHECK(thread_local_destructors_may_allocate_and_free);

// A key destructor that sets its key again runs after the allocator's own key destructors.
pthread_key_t late_key;
constexpr std::uintptr_t kRounds = 3;

void late_destructor(void* value) {
  const auto left = reinterpret_cast<std::uintptr_t>(value);
  checked_free(filled_malloc(100 * left), 100 * left);
  if (left > 1) pthread_setspecific(late_key, reinterpret_cast<void*>(left - 1));
}

void late_key_destructors_may_allocate_and_free() {
  require(pthread_key_create(&late_key, late_destructor) == 0, "pthread_key_create");
  for (int round = 0; round < 300; ++round)
    in_threads(kThreads, [](int) {
      checked_free(filled_malloc(64), 64);
      pthread_setspecific(late_key, reinterpret_cast<void*>(kRounds));
    });
}
LAB_REGISTER_CHECK(late_key_destructors_may_allocate_and_free);

void threads_with_many_live_blocks_disturb_none() {
  constexpr int kSlots = 500, kSteps = 60000;
  in_threads(kThreads, [](int seed) {
    std::vector<Parcel> parcels(kSlots, Parcel{nullptr, 0});
    lab::Rng rng(static_cast<std::uint64_t>(seed) + 10);
    for (int step = 0; step < kSteps; ++step) {
      Parcel& parcel = parcels[rng.below(kSlots)];
      if (parcel.block != nullptr) checked_free(parcel.block, parcel.bytes);
      parcel.bytes = random_bytes(rng);
      parcel.block = filled_malloc(parcel.bytes);
    }
    for (const Parcel& parcel : parcels)
      if (parcel.block != nullptr) checked_free(parcel.block, parcel.bytes);
  });
}
LAB_REGISTER_CHECK(threads_with_many_live_blocks_disturb_none);

}  // namespace
}  // namespace conformance
