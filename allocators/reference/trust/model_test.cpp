// Random operations against a shadow of the heap. The default run is the same every time; longer or
// other runs: TRUST_OPERATIONS=20000000 TRUST_SEED=7 reference_model_test.
#include "model.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "random_operations.h"
#include "settings.h"
#include "subject.h"

namespace trust {
namespace {

constexpr std::uint64_t kDefaultOperations = 1'000'000;
constexpr std::uint64_t kDrainInterval = 100'000;
constexpr std::uint64_t kEquationsInterval = 10'000;

std::uint64_t wanted_operations() { return setting("TRUST_OPERATIONS", kDefaultOperations); }

TEST(Model, one_thread_with_a_shadow_finds_nothing) {
  RandomOperations operations(announced_seed(1));
  Model model(2000, Model::Failure::forbidden);
  for (std::uint64_t done = 1; done <= wanted_operations(); ++done) {
    model.apply(operations.next());
    if (done % kEquationsInterval == 0) subject::require_equations();
    if (done % kDrainInterval == 0) model.clear();
  }
  model.clear();
  subject::trim();
  subject::require_equations();
}

// Where threads leave blocks for one another.
class Mailboxes {
 public:
  ~Mailboxes() {
    for (auto& box : boxes_) free_parcel(box.exchange(nullptr));
  }

  // Leaves one block, takes another: either may be empty.
  Placed swap(std::size_t box, Placed placed) {
    std::unique_ptr<Placed> taken(boxes_[box % boxes_.size()].exchange(new Placed(placed)));
    return taken == nullptr ? Placed{} : *taken;
  }

 private:
  static void free_parcel(Placed* parcel) {
    const std::unique_ptr<Placed> taken(parcel);
    if (taken == nullptr || taken->block == nullptr) return;
    require_pattern(taken->block, *taken, taken->bytes);
    subject::deallocate(taken->block);
  }

  std::array<std::atomic<Placed*>, 64> boxes_{};
};

constexpr std::uint64_t kHandOverInterval = 4;

void use_heap(Model& model, std::uint64_t seed, std::uint64_t count, Mailboxes& mailboxes) {
  announced_seed(setting("TRUST_SEED", 1));
  RandomOperations operations(seed);
  for (std::uint64_t done = 0; done < count; ++done) {
    model.apply(operations.next());
    if (done % kHandOverInterval != 0) continue;
    const std::size_t slot = operations.below(1 << 20);
    model.receive(slot, mailboxes.swap(operations.below(1 << 20), model.hand_over(slot)));
  }
}

// Every thread lives for one round and leaves its live blocks to a thread of the next.
TEST(Model, threads_that_hand_blocks_over_and_die_find_nothing) {
  constexpr std::size_t kThreads = 4, kRounds = 25;
  const std::uint64_t seed = announced_seed(1);
  const std::uint64_t count = wanted_operations() / (kThreads * kRounds);
  Mailboxes mailboxes;
  std::vector<Model> models(kThreads, Model(500, Model::Failure::forbidden));
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
      threads.emplace_back(use_heap, std::ref(models[i]), seed + round * kThreads + i, count,
                           std::ref(mailboxes));
    for (std::thread& thread : threads) thread.join();
    subject::require_equations();
    for (const Model& model : models) model.check_all();
  }
  for (Model& model : models) model.clear();
  subject::require_equations();
}

// The model itself: it must find what is wrong.
class ModelDeathTest : public testing::Test {
 protected:
  void allocate(std::size_t slot, std::size_t bytes) {
    model_.apply({Kind::allocate, slot, bytes, 1});
  }
  Model model_{10, Model::Failure::forbidden};
};

TEST_F(ModelDeathTest, a_changed_byte_is_found) {
  allocate(0, 5000);
  const Placed placed = model_.hand_over(0);
  model_.receive(0, placed);
  static_cast<char*>(placed.block)[4999] ^= 1;
  EXPECT_DEATH(model_.apply({Kind::deallocate, 0, 0, 1}), "5000 bytes changed at 4999");
  static_cast<char*>(placed.block)[4999] ^= 1;
  model_.clear();
}

TEST_F(ModelDeathTest, a_block_inside_another_is_found) {
  allocate(0, 5000);
  const Placed placed = model_.hand_over(0);
  model_.receive(0, placed);
  char* inside = static_cast<char*>(placed.block) + 16;
  EXPECT_DEATH(model_.receive(1, {inside, 16}), "overlaps the one below");
  model_.clear();
}

TEST_F(ModelDeathTest, a_request_that_is_refused_is_found) {
  EXPECT_DEATH(allocate(0, PTRDIFF_MAX), "bytes were refused");
}

}  // namespace
}  // namespace trust
