#include <vector>

#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

// A run in which threads together take `loss` times one thread's time, in every round but one, beside a
// control that takes twice its own.
FakeRun scaling_run(double loss, int block, std::string allocator = "glibc") {
  FakeRun run(std::move(allocator));
  run.in_block(block);
  for (const double own : {loss, loss, 50.0, loss, loss}) {
    run.phase("control_alone").set("cpu_ns", 1000);
    run.phase("control_together").set("cpu_ns", 2000);
    run.phase("alone").set("cpu_ns", 5000);
    run.phase("together").set("cpu_ns", static_cast<std::int64_t>(10000 * own));
  }
  return run;
}

FakeRun handing_run(std::string workload, std::int64_t cpu_ns, int block, std::string allocator) {
  FakeRun run(std::move(allocator));
  run.in_block(block).param("workload", std::move(workload)).phase("work").set("cpu_ns", cpu_ns);
  return run;
}

Verdict judge_all(std::string_view part, const std::vector<FakeRun>& runs) {
  return verdict_of("glibc-slow-threads", part, pointers_to(runs));
}

// One block for each number.
std::vector<FakeRun> scaling(const std::vector<double>& losses, const std::string& allocator = "glibc") {
  std::vector<FakeRun> runs;
  for (const double loss : losses)
    runs.push_back(scaling_run(loss, static_cast<int>(runs.size()) + 1, allocator));
  return runs;
}

std::vector<FakeRun> operator+(std::vector<FakeRun> all, const std::vector<FakeRun>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(glibc_slow_threads, a_loss_in_every_block_confirms) {
  const auto runs = scaling({2.0, 3.1, 1.9, 2.2, 2.5, 1.6});
  EXPECT_EQ(judge_all("local", runs), Verdict::confirmed);
  EXPECT_EQ(judge_all("remote", runs), Verdict::confirmed);
}

TEST(glibc_slow_threads, no_loss_in_any_block_refutes) {
  const auto runs = scaling({1.0, 1.1, 0.9, 1.2, 1.0, 1.1});
  EXPECT_EQ(judge_all("local", runs), Verdict::refuted);
  EXPECT_EQ(judge_all("remote", runs), Verdict::refuted);
}

TEST(glibc_slow_threads, blocks_that_disagree_or_are_few_say_nothing) {
  EXPECT_EQ(judge_all("local", scaling({1.0, 1.1, 0.9, 3.0, 1.0, 1.1})), Verdict::not_testable);
  EXPECT_EQ(judge_all("local", scaling({1.0, 1.1, 0.9, 1.2, 1.0})), Verdict::not_testable);
}

const std::vector<double> kSlowBlocks{2.0, 2.2, 1.9, 2.4, 2.0, 2.1};
const std::vector<double> kFastBlocks{1.0, 1.1, 0.9, 1.2, 1.0, 1.1};

TEST(glibc_slow_threads, others_scale_better_when_each_does_in_every_block) {
  const auto runs =
      scaling(kSlowBlocks) + scaling(kFastBlocks, "tcmalloc") + scaling(kFastBlocks, "jemalloc");
  EXPECT_EQ(judge_all("others_local", runs), Verdict::confirmed);
  EXPECT_EQ(judge_all("others_remote", runs), Verdict::confirmed);
}

TEST(glibc_slow_threads, one_other_that_scales_no_better_refutes) {
  const auto runs =
      scaling(kSlowBlocks) + scaling(kFastBlocks, "tcmalloc") + scaling(kSlowBlocks, "jemalloc");
  EXPECT_EQ(judge_all("others_local", runs), Verdict::refuted);
  EXPECT_EQ(judge_all("others_remote", runs), Verdict::refuted);
}

TEST(glibc_slow_threads, others_whose_blocks_disagree_say_nothing) {
  const auto runs = scaling(kSlowBlocks) + scaling({1.0, 1.1, 0.9, 1.2, 1.0, 2.1}, "tcmalloc");
  EXPECT_EQ(judge_all("others_local", runs), Verdict::not_testable);
}

TEST(glibc_slow_threads, without_an_other_nothing_can_be_compared) {
  EXPECT_EQ(judge_all("others_local", scaling(kSlowBlocks)), Verdict::not_testable);
  FakeRun missing("tcmalloc");
  missing.status("skipped", "not installed");
  EXPECT_EQ(judge_all("others_local", scaling(kSlowBlocks) + std::vector<FakeRun>{missing}),
            Verdict::not_testable);
}

// Blocks in which the control takes 100 more ns each time, and handing over that times a factor.
std::vector<FakeRun> handing(std::int64_t times_control, const std::string& allocator) {
  std::vector<FakeRun> runs;
  for (int block = 1; block <= 6; ++block) {
    runs.push_back(handing_run("control", 100 * block, block, allocator));
    runs.push_back(handing_run("allocate", 100 * block * times_control, block, allocator));
  }
  return runs;
}

TEST(glibc_slow_threads, handing_over_is_compared_relative_to_the_control) {
  EXPECT_EQ(judge_all("others_handed_over", handing(3, "glibc") + handing(2, "tcmalloc")),
            Verdict::confirmed);
  EXPECT_EQ(judge_all("others_handed_over", handing(2, "glibc") + handing(2, "tcmalloc")),
            Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
