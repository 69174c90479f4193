// The one clock that a body may read, for histograms of single operations. Reading it costs some
// 20 ns of each time it gives; `clock_cost_ns` tells how much here.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

namespace lab {

inline std::uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// Returns the median of two readings with nothing between. Takes some 50 µs.
inline std::uint64_t clock_cost_ns() {
  constexpr int kReadings = 1001;
  std::uint64_t costs[kReadings];
  for (std::uint64_t& cost : costs) {
    const std::uint64_t begin = now_ns();
    cost = now_ns() - begin;
  }
  std::nth_element(costs, costs + kReadings / 2, costs + kReadings);
  return costs[kReadings / 2];
}

// What else happened to this thread: enough to say why an operation was slow. A system call.
struct Interruptions {
  std::int64_t faults;
  std::int64_t switches;

  static Interruptions so_far() {
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return {usage.ru_minflt + usage.ru_majflt, usage.ru_nvcsw + usage.ru_nivcsw};
  }
};

}  // namespace lab
