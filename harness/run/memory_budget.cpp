#include "harness/run/memory_budget.h"

#include <fstream>

namespace lab {

std::string too_much_memory(std::int64_t bytes, std::int64_t available_bytes) {
  if (bytes <= available_bytes / 100 * kMemorySharePercent) return {};
  return "needs " + std::to_string(bytes >> 20) + " MiB, more than " +
         std::to_string(kMemorySharePercent) + " % of the " + std::to_string(available_bytes >> 20) +
         " MiB available";
}

std::int64_t available_memory_bytes() {
  std::ifstream stream("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t kib; stream >> key >> kib; std::getline(stream, unit))
    if (key == "MemAvailable:") return kib * 1024;
  return 0;
}

}  // namespace lab
