// A block that grows by steps of realloc, as a string or vector does: by a constant, or by half.
#include <cstdlib>

#include "experiments/micro/sizes.h"

namespace lab::micro {
namespace {

template <class Next>
void grow(benchmark::State& state, Next next) {
  const std::size_t last_bytes = bytes_of(state);
  for (auto _ : state) {
    void* block = nullptr;
    for (std::size_t bytes = 16; bytes <= last_bytes; bytes = next(bytes)) {
      block = std::realloc(block, bytes);
      benchmark::DoNotOptimize(block);
    }
    std::free(block);
  }
}

void realloc_by_half(benchmark::State& state) {
  grow(state, [](std::size_t bytes) { return bytes + bytes / 2; });
}
void realloc_by_64(benchmark::State& state) {
  grow(state, [](std::size_t bytes) { return bytes + 64; });
}
BENCHMARK(realloc_by_half)->Arg(4096)->Arg(262144)->Arg(4194304)->ArgName("up_to_bytes");
BENCHMARK(realloc_by_64)->Arg(4096)->Arg(65536)->ArgName("up_to_bytes");

}  // namespace
}  // namespace lab::micro
