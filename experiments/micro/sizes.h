// What the micro benchmarks share: the sizes, and what becomes of a refused allocation.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace lab::micro {

inline void sizes(benchmark::internal::Benchmark* benchmark,
                  std::initializer_list<std::int64_t> bytes) {
  for (const std::int64_t each : bytes) benchmark->Arg(each);
  benchmark->ArgName("bytes");
}
inline void block_sizes(benchmark::internal::Benchmark* benchmark) {
  sizes(benchmark, {16, 64, 256, 1024, 4096, 32768, 262144, 2097152});
}
// Of blocks that come by the thousand.
inline void batch_sizes(benchmark::internal::Benchmark* benchmark) {
  sizes(benchmark, {16, 64, 256, 1024, 4096});
}
// That a growing block reaches.
inline void grown_sizes(benchmark::internal::Benchmark* benchmark) {
  sizes(benchmark, {4096, 32768, 262144});
}

inline std::size_t bytes_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

// Set once an allocation was refused: the time of such a loop means nothing.
inline std::atomic<bool> was_refused = false;
inline void refused() { was_refused = true; }

}  // namespace lab::micro
