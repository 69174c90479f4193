#include "harness/run/containment.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace lab {
namespace {

namespace fs = std::filesystem;

// A process that waits to be killed, its environment as a measured one of `parent`.
pid_t sleeper_of(pid_t parent) {
  char variable[48];
  std::snprintf(variable, sizeof variable, "ALLOCLAB_PARENT=%010d", parent);
  const pid_t pid = fork();
  if (pid == 0) {
    char* const environment[] = {variable, nullptr};
    execle("/bin/sleep", "sleep", "1000", nullptr, environment);
    _exit(1);
  }
  const fs::path name = "/proc/" + std::to_string(pid) + "/comm";
  for (std::string comm; comm != "sleep"; usleep(1000)) std::ifstream(name) >> comm;
  return pid;
}

pid_t dead_process() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

bool contains(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

TEST(Containment, strays_are_named_killed_and_reaped) {
  const pid_t stray = sleeper_of(getpid());
  EXPECT_EQ(kill_strays({stray}),
            std::vector<std::string>{"sleep (pid " + std::to_string(stray) + ")"});
  EXPECT_EQ(kill(stray, 0), -1);
}

TEST(Containment, children_that_are_not_known_are_found) {
  const pid_t known = sleeper_of(getpid());
  const pid_t other = sleeper_of(getpid());
  EXPECT_EQ(unknown_children({known}), std::vector<pid_t>{other});
  kill_strays({known, other});
}

TEST(Containment, an_orphan_comes_to_the_process_that_adopts) {
  adopt_orphans();
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  const pid_t between = fork();
  if (between == 0) {
    const pid_t orphan = sleeper_of(getppid());
    _exit(write(pipes[1], &orphan, sizeof orphan) == sizeof orphan ? 0 : 1);
  }
  waitpid(between, nullptr, 0);
  pid_t orphan = 0;
  ASSERT_EQ(read(pipes[0], &orphan, sizeof orphan), ssize_t{sizeof orphan});
  EXPECT_EQ(unknown_children({}), std::vector<pid_t>{orphan});
  kill_strays({orphan});
}

TEST(Containment, only_processes_of_dead_parents_are_ended_at_start) {
  const pid_t left = sleeper_of(dead_process());
  const pid_t ours = sleeper_of(getpid());
  EXPECT_TRUE(contains(clean_up_after_killed_parents(), "(pid " + std::to_string(left) + ")"));
  EXPECT_EQ(kill(left, 0), -1);
  EXPECT_EQ(kill(ours, 0), 0);
  kill_strays({ours});
}

TEST(Containment, a_cgroup_is_gone_with_its_owner_or_at_the_next_start) {
  std::string directory;
  {
    const RunCgroup cgroup(0);
    if (!cgroup.available()) GTEST_SKIP() << cgroup.why_not();
    directory = cgroup.directory();
    EXPECT_TRUE(fs::exists(directory));
    EXPECT_EQ(cgroup.oom_kills(), 0);
  }
  EXPECT_FALSE(fs::exists(directory));

  const pid_t killed = fork();
  if (killed == 0) {
    const RunCgroup cgroup(0);
    _exit(0);
  }
  waitpid(killed, nullptr, 0);
  EXPECT_TRUE(
      contains(clean_up_after_killed_parents(), "alloclab-" + std::to_string(killed) + "-0"));
  EXPECT_FALSE(
      contains(clean_up_after_killed_parents(), "alloclab-" + std::to_string(killed) + "-0"));
}

TEST(Containment, members_of_a_cgroup_are_told) {
  RunCgroup cgroup(1);
  if (!cgroup.available()) GTEST_SKIP() << cgroup.why_not();
  EXPECT_TRUE(cgroup.members().empty());
  const pid_t member = sleeper_of(getpid());
  std::ofstream(cgroup.directory() + "/cgroup.procs") << member;
  EXPECT_EQ(cgroup.members(), std::vector<pid_t>{member});
  kill_strays({member});
}

TEST(Containment, a_renewed_cgroup_has_neither_the_limit_nor_the_peak_of_the_run_before) {
  RunCgroup cgroup(2);
  if (!cgroup.available()) GTEST_SKIP() << cgroup.why_not();
  ASSERT_EQ(cgroup.limit(64 << 20, 0), "");
  const auto read = [&](const char* v1, const char* v2) {
    std::ifstream file(cgroup.directory() + "/" + v1);
    if (!file) file.open(cgroup.directory() + "/" + v2);
    std::string text;
    file >> text;
    return text;
  };
  EXPECT_EQ(read("memory.limit_in_bytes", "memory.max"), std::to_string(64 << 20));
  const pid_t member = sleeper_of(getpid());
  std::ofstream(cgroup.directory() + "/cgroup.procs") << member;
  kill_strays({member});
  cgroup.renew();
  EXPECT_NE(read("memory.limit_in_bytes", "memory.max"), std::to_string(64 << 20));
  EXPECT_EQ(read("memory.max_usage_in_bytes", "memory.peak"), "0");
  EXPECT_EQ(cgroup.oom_kills(), 0);
}

}  // namespace
}  // namespace lab
