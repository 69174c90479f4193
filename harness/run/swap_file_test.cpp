#include "harness/run/swap_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace lab {
namespace {

namespace fs = std::filesystem;

std::string swaps() {
  std::ifstream stream("/proc/swaps");
  return {std::istreambuf_iterator<char>(stream), {}};
}

fs::path swap_file_of(pid_t pid, int number = 1) {
  return "/var/tmp/alloclab-swap-" + std::to_string(pid) + "-" + std::to_string(number);
}

int swap_files_of(pid_t pid) {
  int found = 0;
  const std::string prefix = "alloclab-swap-" + std::to_string(pid) + "-";
  for (const auto& entry : fs::directory_iterator("/var/tmp"))
    found += entry.path().filename().string().starts_with(prefix);
  return found;
}

// The number of a process that has ended.
pid_t dead_process() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

TEST(SwapFileTest, is_in_use_while_it_lives_and_gone_afterwards) {
  const std::string ours = "alloclab-swap-" + std::to_string(getpid()) + "-";
  {
    SwapFile swap;
    if (const auto refused = swap.enable(16 << 20); !refused.empty()) {
      EXPECT_EQ(swap_files_of(getpid()), 0);
      GTEST_SKIP() << refused;
    }
    EXPECT_NE(swaps().find(ours), std::string::npos);
  }
  EXPECT_EQ(swaps().find(ours), std::string::npos);
  EXPECT_EQ(swap_files_of(getpid()), 0);
}

TEST(SwapFileTest, runs_that_overlap_have_one_each) {
  SwapFile one, other;
  if (const auto refused = one.enable(16 << 20); !refused.empty()) GTEST_SKIP() << refused;
  EXPECT_EQ(other.enable(16 << 20), "");
  EXPECT_EQ(swap_files_of(getpid()), 2);
}

TEST(SwapFileTest, one_that_a_killed_lab_left_is_removed_and_named) {
  const fs::path left = swap_file_of(dead_process());
  const fs::path ours = swap_file_of(getpid());
  std::ofstream(left) << "";
  std::ofstream(ours) << "";
  std::string told;
  for (const std::string& text : remove_left_swap_files()) told += text + "\n";
  EXPECT_NE(told.find(left), std::string::npos) << told;
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(ours));  // its owner lives
  fs::remove(ours);
}

}  // namespace
}  // namespace lab
