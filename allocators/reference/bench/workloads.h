// The benchmark's workloads: fixed work on the malloc interface, each a function of the number of
// operations. They touch what they allocate, keep their tables outside the allocator under test,
// and call no clock.
#pragma once

#include <cstddef>
#include <span>

namespace bench {

inline constexpr unsigned kThreads = 2;

struct Workload {
  const char* name;
  void (*run)(std::size_t operations);
  std::size_t operations;
};

// Every workload; bench_reference prints and runs them by name.
std::span<const Workload> single_threaded();
std::span<const Workload> multi_threaded();

// Instruction counts are collected in here only (valgrind --toggle-collect=workload_pairs).
extern "C" void workload_pairs(std::size_t operations, std::size_t bytes);

}  // namespace bench
