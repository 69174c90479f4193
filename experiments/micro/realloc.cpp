// A block that grows by steps of realloc, as a string or vector does: by a constant, or by half.
#include <cstdlib>

#include "experiments/micro/sizes.h"

namespace lab::micro {
namespace {

template <class Next>
void grow(benchmark::State& state, Next next) {
  const std::size_t last_bytes = bytes_of(state);
  std::int64_t calls = 0;
  for (auto _ : state) {
    void* block = nullptr;
    for (std::size_t bytes = 16; bytes <= last_bytes; bytes = next(bytes)) {
      block = std::realloc(block, bytes);
      if (block == nullptr) refused();
      benchmark::DoNotOptimize(block);
      ++calls;
    }
    std::free(block);
  }
  state.SetItemsProcessed(calls);
}

void realloc_by_half(benchmark::State& state) {
  grow(state, [](std::size_t bytes) { return bytes + bytes / 2; });
}
void realloc_by_64(benchmark::State& state) {
  grow(state, [](std::size_t bytes) { return bytes + 64; });
}
BENCHMARK(realloc_by_half)->Apply(grown_sizes);
BENCHMARK(realloc_by_64)->Apply(grown_sizes);

}  // namespace
}  // namespace lab::micro
