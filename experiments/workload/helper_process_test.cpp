#include "experiments/workload/helper_process.h"

#include <gtest/gtest.h>

#include <csignal>

#include "experiments/workload/fake_context.h"
#include "experiments/workload/mapping.h"

namespace lab {
namespace {

constexpr std::size_t kPages = 23;
constexpr std::size_t kBytes = kPages * 4096;

void write_all(int step, void* memory) {
  if (step == 9) raise(SIGKILL);
  fill(memory, kBytes, static_cast<unsigned char>(step));
}

TEST(HelperProcess, a_write_after_fork_faults_once_per_page) {
  FakeContext lab;
  unsigned char* memory = map_memory(lab, kBytes);
  fill(memory, kBytes);
  HelperProcess helper(lab, write_all, memory);
  ASSERT_TRUE(helper.step(1));
  EXPECT_GE(helper.step_minor_faults(), static_cast<std::int64_t>(kPages));
  ASSERT_TRUE(helper.step(2));
  EXPECT_EQ(helper.step_minor_faults(), 0);
  EXPECT_EQ(memory[0], 0xA5) << "private memory of the helper leaked into the body";
  EXPECT_EQ(helper.finish(), 0);
}

TEST(HelperProcess, shared_memory_carries_what_the_helper_wrote) {
  FakeContext lab;
  unsigned char* memory = map_memory(lab, kBytes, MAP_SHARED);
  HelperProcess helper(lab, write_all, memory);
  ASSERT_TRUE(helper.step(7));
  EXPECT_EQ(memory[kBytes - 1], 7);
}

TEST(HelperProcess, a_helper_that_dies_is_reported_with_its_signal) {
  FakeContext lab;
  HelperProcess helper(lab, write_all, nullptr);
  EXPECT_FALSE(helper.step(9));
  EXPECT_EQ(helper.finish(), SIGKILL);
}

}  // namespace
}  // namespace lab
