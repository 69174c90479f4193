#include "experiments/workload/thread_team.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <set>

namespace lab {
namespace {

TEST(ThreadTeam, every_worker_runs_the_task_once_in_its_own_thread) {
  ThreadTeam team(4);
  pthread_t threads[4] = {};
  team.run([&](int worker) { threads[worker] = pthread_self(); });
  EXPECT_EQ(std::set<pthread_t>(threads, threads + 4).size(), 4u);
}

TEST(ThreadTeam, run_returns_only_when_all_workers_are_done) {
  ThreadTeam team(3);
  std::atomic<int> done = 0;
  for (int round = 1; round <= 200; ++round) {
    team.run([&](int) { ++done; });
    ASSERT_EQ(done.load(), 3 * round);
  }
}

TEST(ThreadTeam, workers_keep_their_thread_between_tasks) {
  ThreadTeam team(2);
  pthread_t first[2], second[2];
  team.run([&](int worker) { first[worker] = pthread_self(); });
  team.run([&](int worker) { second[worker] = pthread_self(); });
  EXPECT_TRUE(pthread_equal(first[0], second[0]));
  EXPECT_TRUE(pthread_equal(first[1], second[1]));
}

TEST(ThreadTeam, run_on_wakes_one_worker_alone) {
  ThreadTeam team(3);
  int calls[3] = {};
  team.run_on(1, [&](int worker) { ++calls[worker]; });
  EXPECT_EQ(calls[0], 0);
  EXPECT_EQ(calls[1], 1);
  EXPECT_EQ(calls[2], 0);
}

TEST(ThreadTeam, a_worker_started_later_joins_in) {
  ThreadTeam team(1);
  team.start();
  std::atomic<int> calls = 0;
  team.run([&](int) { ++calls; });
  EXPECT_EQ(calls.load(), 2);
}

TEST(ThreadTeam, two_workers_are_bound_to_different_cpus_where_there_are_two) {
  cpu_set_t usable;
  ASSERT_EQ(sched_getaffinity(0, sizeof usable, &usable), 0);
  if (CPU_COUNT(&usable) < 2) GTEST_SKIP() << "one CPU";
  ThreadTeam team(2);
  cpu_set_t own[2];
  team.run([&](int worker) { sched_getaffinity(0, sizeof own[worker], &own[worker]); });
  EXPECT_EQ(CPU_COUNT(&own[0]), 1);
  EXPECT_FALSE(CPU_EQUAL(&own[0], &own[1]));
}

TEST(ThreadTeam, new_threads_run_and_end) {
  std::atomic<int> calls = 0;
  run_in_new_threads(5, [&](int) { ++calls; });
  EXPECT_EQ(calls.load(), 5);
}

}  // namespace
}  // namespace lab
