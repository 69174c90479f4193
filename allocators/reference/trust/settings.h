// What the environment says about a random run: TRUST_SEED and TRUST_OPERATIONS.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "require.h"

namespace trust {

inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

// The run's seed; every finding of the calling thread will name it.
inline std::uint64_t announced_seed(std::uint64_t otherwise) {
  const std::uint64_t seed = setting("TRUST_SEED", otherwise);
  std::snprintf(repeat_hint, sizeof repeat_hint,
                "TRUST_SEED=%llu: ", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace trust
