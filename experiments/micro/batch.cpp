// A thousand blocks, freed in the order they came, in reverse, or at random. Time is per block.
#include <array>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "experiments/micro/sizes.h"
#include "harness/contract/rng.h"

namespace lab::micro {
namespace {

constexpr std::size_t kBlocks = 1000;
using Order = std::array<std::size_t, kBlocks>;

Order first_in_first_out() {
  Order order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

Order last_in_first_out() {
  Order order;
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  return order;
}

Order at_random() {
  Order order = first_in_first_out();
  Rng rng(1);
  for (std::size_t i = kBlocks - 1; i > 0; --i) std::swap(order[i], order[rng.below(i + 1)]);
  return order;
}

void batch(benchmark::State& state, const Order& order) {
  static std::array<void*, kBlocks> blocks;
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    for (void*& block : blocks) {
      block = std::malloc(bytes);
      if (block == nullptr) refused();
    }
    benchmark::ClobberMemory();
    for (const std::size_t index : order) std::free(blocks[index]);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlocks));
}

void batch_fifo(benchmark::State& state) { batch(state, first_in_first_out()); }
void batch_lifo(benchmark::State& state) { batch(state, last_in_first_out()); }
void batch_random(benchmark::State& state) { batch(state, at_random()); }
BENCHMARK(batch_fifo)->Apply(batch_sizes);
BENCHMARK(batch_lifo)->Apply(batch_sizes);
BENCHMARK(batch_random)->Apply(batch_sizes);

}  // namespace
}  // namespace lab::micro
