// What the user asked of `alloclab run`, before it is checked: plain data from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/contract/experiment.h"
#include "harness/record/plan.h"

namespace lab {

enum class Measure { counts, time };
constexpr std::string_view name_of(Measure measure) {
  return measure == Measure::counts ? "counts" : "time";
}

struct RunRequest {
  std::vector<std::string> experiments = {};
  std::vector<std::string> allocators = {};  // "glibc" or "jemalloc=/path/lib.so"; empty: all
  std::vector<std::string> arms = {};        // "base=jemalloc", "candidate=/path/lib.so"
  std::vector<std::string> settings = {};    // "block_bytes=4096,1048576", "purge_delay_ms=0"
  Profile profile = Profile::quick;
  Measure measure = Measure::counts;
  std::optional<int> blocks = {};
  std::uint64_t seed = 1;
  Shard shard = {};
};

}  // namespace lab
