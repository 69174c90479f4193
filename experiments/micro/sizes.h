// The sizes that the micro benchmarks share.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace lab::micro {

inline void block_sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t bytes : {16, 64, 256, 1024, 4096, 32768, 262144, 2097152})
    benchmark->Arg(bytes);
  benchmark->ArgName("bytes");
}

inline std::size_t bytes_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

}  // namespace lab::micro
