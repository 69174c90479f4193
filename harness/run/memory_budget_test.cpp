#include "harness/run/memory_budget.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

TEST(MemoryBudget, a_share_of_what_is_available_may_be_taken) {
  EXPECT_EQ(too_much_memory(25 * kMiB, 100 * kMiB), "");
  EXPECT_EQ(too_much_memory(0, 0), "");
}

TEST(MemoryBudget, more_is_refused_with_both_numbers) {
  EXPECT_EQ(too_much_memory(26 * kMiB, 100 * kMiB),
            "needs 26 MiB, more than 25 % of the 100 MiB available");
}

TEST(MemoryBudget, the_kernel_tells_what_is_available) {
  EXPECT_GT(available_memory_bytes(), kMiB);
}

}  // namespace
}  // namespace lab
