#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kMib = 1 << 20;

FakeRun leak_run(std::string cause, std::int64_t rss_bytes, std::int64_t live_bytes) {
  FakeRun run;
  run.param("cause", std::move(cause)).start("rss_anon_bytes", kMib);
  run.phase("grow").set("live_bytes", live_bytes / 2);
  run.phase("grow").set("live_bytes", live_bytes);
  run.phase("check").set("rss_anon_bytes", kMib + rss_bytes);
  return run;
}

TEST(leak_vs_hole, holes_that_hold_as_much_as_a_leak_confirm_that_they_look_alike) {
  const FakeRun leak = leak_run("leak", 16 * kMib, 16 * kMib);
  const FakeRun hole = leak_run("hole", 15 * kMib, kMib / 10);
  EXPECT_EQ(verdict_of("leak-vs-hole", "looks-alike", {&leak, &hole}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("leak-vs-hole", "live-bytes", {&leak, &hole}), Verdict::confirmed);
}

TEST(leak_vs_hole, holes_that_are_reused_refute_that_they_look_alike) {
  const FakeRun leak = leak_run("leak", 16 * kMib, 16 * kMib);
  const FakeRun hole = leak_run("hole", 5 * kMib, kMib / 10);
  EXPECT_EQ(verdict_of("leak-vs-hole", "looks-alike", {&leak, &hole}), Verdict::refuted);
}

TEST(leak_vs_hole, live_bytes_as_large_as_the_leak_s_refute_that_they_tell) {
  const FakeRun leak = leak_run("leak", 16 * kMib, 16 * kMib);
  const FakeRun hole = leak_run("hole", 16 * kMib, 15 * kMib);
  EXPECT_EQ(verdict_of("leak-vs-hole", "live-bytes", {&leak, &hole}), Verdict::refuted);
}

FakeRun checked_run(std::string cause, std::int64_t reports) {
  FakeRun run("lsan");
  run.param("cause", std::move(cause)).phase("check").set("leak_reports_count", reports);
  return run;
}

TEST(leak_vs_hole, a_checker_that_reports_the_leak_alone_confirms) {
  const FakeRun own = leak_run("leak", 16 * kMib, 16 * kMib);
  const FakeRun leak = checked_run("leak", 1);
  const FakeRun hole = checked_run("hole", 0);
  EXPECT_EQ(verdict_of("leak-vs-hole", "checker", {&own, &leak, &hole}), Verdict::confirmed);
}

TEST(leak_vs_hole, a_checker_that_reports_holes_refutes) {
  const FakeRun leak = checked_run("leak", 1);
  const FakeRun hole = checked_run("hole", 1);
  EXPECT_EQ(verdict_of("leak-vs-hole", "checker", {&leak, &hole}), Verdict::refuted);
}

TEST(leak_vs_hole, a_blind_or_missing_checker_says_nothing) {
  const FakeRun leak = checked_run("leak", 0);
  const FakeRun hole = checked_run("hole", 0);
  EXPECT_EQ(verdict_of("leak-vs-hole", "checker", {&leak, &hole}), Verdict::not_testable);
  const FakeRun own = leak_run("leak", 16 * kMib, 16 * kMib);
  FakeRun missing("lsan");
  missing.param("cause", "leak").status("skipped", "install liblsan0");
  const Finding finding =
      find_predicate("leak-vs-hole", "checker")->judge(evidence_of({&own, &missing}));
  EXPECT_EQ(finding.verdict, Verdict::not_testable);
  EXPECT_NE(finding.explanation.find("install liblsan0"), std::string::npos);
}

TEST(leak_vs_hole, without_the_hole_nothing_can_be_said) {
  const FakeRun leak = leak_run("leak", 16 * kMib, 16 * kMib);
  EXPECT_EQ(verdict_of("leak-vs-hole", "looks-alike", {&leak}), Verdict::not_testable);
}

FakeRun halving_run(std::int64_t growth_per_doubling_bytes) {
  FakeRun run;
  run.param("live_bytes", "8MiB").start("rss_anon_bytes", 0);
  run.phase("fill").set("rss_anon_bytes", 8 * kMib);
  for (int step = 1; step <= 10; ++step)
    run.phase("double").set("rss_anon_bytes", 8 * kMib + step * growth_per_doubling_bytes);
  return run;
}

TEST(first_fit_worst, growth_with_every_doubling_confirms_the_blow_up) {
  const FakeRun run = halving_run(4 * kMib);
  EXPECT_EQ(verdict_of("first-fit-worst", "halving", {&run}), Verdict::confirmed);
}

TEST(first_fit_worst, a_flat_footprint_refutes_the_blow_up) {
  const FakeRun run = halving_run(0);
  EXPECT_EQ(verdict_of("first-fit-worst", "halving", {&run}), Verdict::refuted);
}

// The footprint after each size; the last ones leave 3 MiB live.
FakeRun span_run(std::initializer_list<std::int64_t> footprints_mib) {
  FakeRun run;
  run.start("rss_anon_bytes", 0);
  for (const std::int64_t mib : footprints_mib)
    run.phase("next_size").set("rss_anon_bytes", mib * kMib).set("live_bytes", 3 * kMib);
  return run;
}

TEST(first_fit_worst, sizes_that_cannot_share_confirm_the_span_sequence) {
  const FakeRun run = span_run({2, 20, 40});
  EXPECT_EQ(verdict_of("first-fit-worst", "span", {&run}), Verdict::confirmed);
}

TEST(first_fit_worst, the_span_sequence_is_no_matter_of_an_allocator_that_merges) {
  const FakeRun run = span_run({2, 7, 7, 7});
  EXPECT_EQ(verdict_of("first-fit-worst", "span", {&run}), Verdict::not_applicable);
}

TEST(first_fit_worst, sizes_that_keep_apart_and_yet_cost_little_refute_the_span_sequence) {
  const FakeRun run = span_run({2, 4, 6});
  EXPECT_EQ(verdict_of("first-fit-worst", "span", {&run}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
