// Aligned blocks, and C++'s new and delete with and without the size.
#include <stdlib.h>

#include <cstdlib>
#include <new>

#include "experiments/micro/sizes.h"

namespace lab::micro {
namespace {

void aligned_free(benchmark::State& state, std::size_t alignment) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = nullptr;
    if (posix_memalign(&block, alignment, bytes) != 0) refused();
    benchmark::DoNotOptimize(block);
    std::free(block);
  }
  state.SetItemsProcessed(state.iterations());
}
void aligned_line_free(benchmark::State& state) { aligned_free(state, 64); }
void aligned_page_free(benchmark::State& state) { aligned_free(state, 4096); }
BENCHMARK(aligned_line_free)->Apply(block_sizes);
BENCHMARK(aligned_page_free)->Apply(block_sizes);

void new_delete(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = ::operator new(bytes);
    benchmark::DoNotOptimize(block);
    ::operator delete(block);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(new_delete)->Apply(block_sizes);

void new_delete_sized(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = ::operator new(bytes);
    benchmark::DoNotOptimize(block);
    ::operator delete(block, bytes);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(new_delete_sized)->Apply(block_sizes);

}  // namespace
}  // namespace lab::micro
