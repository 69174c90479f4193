// Aligned blocks, and C++'s new and delete with and without the size.
#include <cstdlib>
#include <new>

#include "experiments/micro/sizes.h"

namespace lab::micro {
namespace {

void aligned_alloc_free(benchmark::State& state) {
  const auto alignment = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    void* block = std::aligned_alloc(alignment, 4096);
    benchmark::DoNotOptimize(block);
    std::free(block);
  }
}
BENCHMARK(aligned_alloc_free)->Arg(16)->Arg(64)->Arg(4096)->Arg(65536)->ArgName("alignment");

void new_delete(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = ::operator new(bytes);
    benchmark::DoNotOptimize(block);
    ::operator delete(block);
  }
}
BENCHMARK(new_delete)->Apply(block_sizes);

void new_delete_sized(benchmark::State& state) {
  const std::size_t bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = ::operator new(bytes);
    benchmark::DoNotOptimize(block);
    ::operator delete(block, bytes);
  }
}
BENCHMARK(new_delete_sized)->Apply(block_sizes);

}  // namespace
}  // namespace lab::micro
