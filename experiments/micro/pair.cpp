// The shortest life: malloc and free of one block, alone and on several threads at once.
#include <cstdlib>

#include "experiments/micro/sizes.h"

namespace lab::micro {
namespace {

void malloc_free(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = std::malloc(bytes);
    if (block == nullptr) refused();
    benchmark::DoNotOptimize(block);
    std::free(block);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(malloc_free)->Apply(block_sizes);
BENCHMARK(malloc_free)->Arg(64)->ArgName("bytes")->Threads(2)->Threads(4)->UseRealTime();

void calloc_free(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = std::calloc(1, bytes);
    if (block == nullptr) refused();
    benchmark::DoNotOptimize(block);
    std::free(block);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(calloc_free)->Apply(block_sizes);

}  // namespace
}  // namespace lab::micro
