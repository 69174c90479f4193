#include "experiments/workload/stretches.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

void* at(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

TEST(count_stretches, counts_each_64_MiB_once) {
  constexpr std::uintptr_t kStart = 3 * kStretchBytes;
  void* const blocks[] = {at(kStart), at(kStart + kStretchBytes), at(kStart + kStretchBytes - 1),
                          at(kStart + kStretchBytes + 64)};
  EXPECT_EQ(count_stretches(blocks, 4), 2);
  EXPECT_EQ(count_stretches(blocks, 1), 1);
  EXPECT_EQ(count_stretches(blocks, 0), 0);
}

}  // namespace
}  // namespace lab
