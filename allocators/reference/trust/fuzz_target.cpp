// libFuzzer's entry. fuzz.sh builds and runs it.
#include <cstddef>
#include <cstdint>

#include "byte_operations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  trust::run_bytes({data, bytes});
  return 0;
}
