#include "harness/run/runner.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "harness/run/arm.h"

namespace lab {
namespace {

constexpr std::string_view kPhases[] = {"only"};

constexpr Experiment plain{
    .name = "plain", .family = "test", .question = "?", .method = "", .phases = kPhases, .run = nullptr};

Needs tiny_limit(const Point&) { return {.memory_limit_bytes = 32 << 20, .swap_limit_bytes = 0}; }
constexpr Experiment limited{.name = "limited",
                             .family = "test",
                             .question = "?",
                             .method = "",
                             .phases = kPhases,
                             .needs = tiny_limit,
                             .run = nullptr};

constexpr Experiment waiting{.name = "waiting",
                             .family = "test",
                             .question = "?",
                             .method = "",
                             .phases = kPhases,
                             .mostly_idle = true,
                             .run = nullptr};

constexpr Allocator libc{.name = "glibc", .summary = ""};

std::string test_program(const char* name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    settings_.launcher = test_program("alloclab-launch");
    settings_.child = test_program("bad_child");
    settings_.timeout = std::chrono::milliseconds(20'000);
    arm_ = {"glibc", &libc, find_library(libc)};
  }

  Job job_for(const std::string& behaviour, const Experiment& experiment = plain) {
    cases_.push_back(std::make_unique<Case>());
    cases_.back()->experiment = behaviour;  // the bad child's first argument
    cases_.back()->allocator = "glibc";
    cases_.back()->arm = "glibc";
    Job job;
    job.of = cases_.back().get();
    job.experiment = &experiment;
    job.arm = &arm_;
    job.block = 1;
    return job;
  }

  RunRecord run(const std::string& behaviour, const Experiment& experiment = plain) {
    Runner runner(settings_, nullptr, interrupted_);
    return runner.run_one(job_for(behaviour, experiment))->record;
  }

  RunSettings settings_;
  Arm arm_;
  std::atomic<bool> interrupted_{false};
  std::vector<std::unique_ptr<Case>> cases_;
};

bool alive(const std::string& words) {
  const auto at = words.find("pid ");
  return at != std::string::npos && kill(atoi(words.c_str() + at + 4), 0) == 0;
}

TEST_F(RunnerTest, a_run_that_ends_as_meant_is_ok_and_has_its_phase) {
  const auto record = run("behaves");
  EXPECT_EQ(record.status, Status::ok) << record.reason;
  ASSERT_EQ(record.phases.size(), 1u);
  EXPECT_EQ(record.phases[0].name, "only");
  EXPECT_EQ(record.exit_code, 0);
  EXPECT_EQ(RecordView(record).value("only", "minor_faults_count").has_value(), true);
}

TEST_F(RunnerTest, a_child_that_exits_3_is_a_failed_row_with_its_exit_code_and_stderr) {
  const auto record = run("exits_3");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_EQ(record.exit_code, 3);
  EXPECT_NE(record.stderr_tail.find("about to be bad"), std::string::npos);
}

TEST_F(RunnerTest, a_child_that_dies_before_it_says_hello_is_a_failed_row) {
  const auto record = run("exits_before_hello");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_EQ(record.exit_code, 3);
}

TEST_F(RunnerTest, a_segfault_is_a_failed_row_that_names_the_signal) {
  const auto record = run("segfaults");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_EQ(record.signal, SIGSEGV);
  EXPECT_EQ(record.reason, "killed by SIGSEGV");
}

TEST_F(RunnerTest, a_hang_is_a_timeout_row_and_the_child_is_gone) {
  settings_.timeout = std::chrono::milliseconds(300);
  const auto record = run("hangs");
  EXPECT_EQ(record.status, Status::timeout);
  EXPECT_EQ(record.signal, SIGKILL);
}

TEST_F(RunnerTest, a_child_that_closes_its_socket_is_a_failed_row) {
  const auto record = run("closes_socket");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_NE(record.reason.find("closed its socket"), std::string::npos) << record.reason;
}

TEST_F(RunnerTest, floods_of_output_do_not_stop_a_run) {
  EXPECT_EQ(run("floods_stdout").status, Status::ok);
  const auto record = run("floods_stderr");
  EXPECT_EQ(record.status, Status::ok) << record.reason;
  EXPECT_LE(record.stderr_tail.size(), 4096u);
  EXPECT_NE(record.stderr_tail.find("no play"), std::string::npos);
}

TEST_F(RunnerTest, a_child_served_by_another_library_is_invalid_and_never_measured) {
  for (const char* lie : {"lies_about_library", "serves_malloc_but_not_free", "is_setuid"}) {
    const auto record = run(lie);
    EXPECT_EQ(record.status, Status::invalid) << lie;
    EXPECT_TRUE(record.phases.empty()) << lie;
    EXPECT_NE(record.reason.find("/nowhere/libother.so"), std::string::npos) << record.reason;
  }
}

TEST_F(RunnerTest, a_preload_that_does_not_exist_makes_the_run_invalid) {
  arm_.library.preload = true;
  arm_.library.path = "/nowhere/libmistyped.so";
  const auto record = run("behaves");
  EXPECT_EQ(record.status, Status::invalid);
  EXPECT_NE(record.reason.find("no such library"), std::string::npos) << record.reason;
}

TEST_F(RunnerTest, a_library_that_aborts_in_malloc_is_a_failed_row) {
  arm_.library.preload = true;
  arm_.library.path = test_program("libaborting_malloc.so");
  const auto record = run("allocates_first");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_EQ(record.signal, SIGABRT) << record.reason;
}

TEST_F(RunnerTest, a_missing_library_is_a_skipped_row_with_the_reason) {
  arm_.library = {};
  arm_.library.reason = "libnone.so not found; install none";
  const auto record = run("behaves");
  EXPECT_EQ(record.status, Status::skipped);
  EXPECT_EQ(record.reason, "libnone.so not found; install none");
}

TEST_F(RunnerTest, a_child_that_cannot_run_here_says_why_and_is_skipped) {
  const auto record = run("skips");
  EXPECT_EQ(record.status, Status::skipped);
  EXPECT_EQ(record.reason, "no such thing on this machine");
}

TEST_F(RunnerTest, marks_that_make_no_sense_are_a_failed_row) {
  EXPECT_EQ(run("marks_unknown_phase").status, Status::failed);
  EXPECT_EQ(run("marks_before_hello").status, Status::failed);
}

TEST_F(RunnerTest, a_grandchild_that_outlives_the_run_is_named_and_ended) {
  const auto record = run("leaves_grandchild");
  EXPECT_EQ(record.status, Status::ok) << record.reason;
  ASSERT_EQ(record.warnings.size(), 1u);
  EXPECT_NE(record.warnings[0].find("left a process behind"), std::string::npos);
  EXPECT_FALSE(alive(record.warnings[0])) << record.warnings[0];
}

TEST_F(RunnerTest, a_missing_child_program_is_a_failed_row) {
  settings_.child = "/nowhere/alloclab-child";
  const auto record = run("behaves");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_NE(record.reason.find("/nowhere/alloclab-child"), std::string::npos) << record.reason;
}

TEST_F(RunnerTest, an_exit_code_after_the_last_mark_still_fails_the_run) {
  const auto record = run("ends_well_with_code_7");
  EXPECT_EQ(record.status, Status::failed);
  EXPECT_EQ(record.exit_code, 7);
}

TEST_F(RunnerTest, an_oom_kill_is_told_from_other_kills_by_the_cgroup_counter) {
  Runner runner(settings_, nullptr, interrupted_);
  if (!runner.cgroup().available()) GTEST_SKIP() << runner.cgroup().why_not();
  EXPECT_EQ(runner.run_one(job_for("eats_memory", limited))->record.status, Status::oom_killed);
  EXPECT_EQ(runner.run_one(job_for("segfaults", limited))->record.status, Status::failed);
  EXPECT_EQ(runner.run_one(job_for("behaves", limited))->record.status, Status::ok);
}

TEST_F(RunnerTest, a_sweep_goes_on_after_every_kind_of_bad_run) {
  const std::vector<Job> jobs{job_for("segfaults"), job_for("exits_3"), job_for("behaves")};
  Runner runner(settings_, nullptr, interrupted_);
  std::vector<Status> seen;
  EXPECT_TRUE(runner.run(jobs, [&](FinishedRun&& run) { seen.push_back(run.record.status); }));
  EXPECT_EQ(seen, (std::vector{Status::failed, Status::failed, Status::ok}));
}

TEST_F(RunnerTest, an_interrupt_ends_the_run_in_flight_and_reports_only_whole_runs) {
  const std::vector<Job> jobs{job_for("behaves"), job_for("hangs"), job_for("behaves")};
  Runner runner(settings_, nullptr, interrupted_);
  std::size_t reported = 0;
  EXPECT_FALSE(runner.run(jobs, [&](FinishedRun&&) {
    ++reported;
    interrupted_ = true;
  }));
  EXPECT_EQ(reported, 1u);
}

TEST_F(RunnerTest, runs_that_wait_overlap_and_all_come_back) {
  settings_.timeout = std::chrono::milliseconds(700);
  std::vector<Job> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(job_for("hangs", waiting));
  Runner runner(settings_, nullptr, interrupted_);
  std::vector<Status> seen;
  runner.run(jobs, [&](FinishedRun&& run) { seen.push_back(run.record.status); });
  EXPECT_EQ(seen, std::vector<Status>(6, Status::timeout));
}

}  // namespace
}  // namespace lab
