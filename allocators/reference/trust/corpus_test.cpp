// Replays what the fuzzer kept: every path it found stays tested without it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "byte_operations.h"

namespace trust {
namespace {

std::vector<std::filesystem::path> inputs() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(TRUST_CORPUS))
    found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Corpus, every_input_that_was_kept_finds_nothing) {
  const auto found = inputs();
  ASSERT_GE(found.size(), 20u);
  for (const auto& path : found) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(bytes.empty()) << path;
    SCOPED_TRACE(path.string());
    run_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
}

}  // namespace
}  // namespace trust
