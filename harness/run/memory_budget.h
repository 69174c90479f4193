// Refuses runs that would take more than a stated share of the memory that is available.
#pragma once

#include <cstdint>
#include <string>

namespace lab {

inline constexpr int kMemorySharePercent = 25;

// Returns an empty text, or why a run that needs `bytes` must not start while `available_bytes` are.
std::string too_much_memory(std::int64_t bytes, std::int64_t available_bytes);

// MemAvailable now; 0 when it cannot be read.
std::int64_t available_memory_bytes();

}  // namespace lab
