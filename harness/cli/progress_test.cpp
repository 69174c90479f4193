#include "harness/cli/progress.h"

#include <gtest/gtest.h>

namespace lab::cli {
namespace {

using std::chrono::seconds;

RunRecord run_of(const char* experiment, const char* arm) {
  RunRecord record;
  record.of.experiment = experiment;
  record.of.arm = arm;
  return record;
}

TEST(ProgressLine, tells_runs_time_left_and_who_ran_last) {
  const RunRecord last = run_of("first_touch", "glibc");
  EXPECT_EQ(progress_line({10, 40, &last}, seconds(30)),
            "10/40 runs, 1:30 left  first_touch under glibc");
}

TEST(ProgressLine, promises_nothing_before_the_first_run_or_after_the_last) {
  EXPECT_EQ(progress_line({0, 40, nullptr}, seconds(30)), "0/40 runs");
  EXPECT_EQ(progress_line({40, 40, nullptr}, seconds(30)), "40/40 runs");
}

TEST(ProgressLine, names_a_search) {
  RunRecord last = run_of("mmap_threshold", "glibc");
  last.search = SearchProbe{"boundary", 3, true};
  EXPECT_EQ(progress_line({40, 40, &last}, seconds(1)),
            "40/40 runs  searching: mmap_threshold under glibc");
}

TEST(ProgressLine, quiet_progress_prints_nothing) {
  ::testing::internal::CaptureStderr();
  Progress progress(true);
  progress({1, 2, nullptr});
  progress.done();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace lab::cli
