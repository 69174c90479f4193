#include "harness/claim/judge.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

Finding by_value(Evidence evidence) {
  const auto faults = evidence[0]->value("touch", "minor_faults_count");
  if (!faults) return {Verdict::not_testable, "nothing", "23", "no counter"};
  return {*faults == 23 ? Verdict::confirmed : Verdict::refuted, std::to_string(*faults), "23",
          *faults == 23 ? "" : "saw another number"};
}
Finding always(Evidence) { return {Verdict::confirmed, "yes", "yes"}; }

constexpr Predicate kParts[] = {
    {"faults", "touching 23 pages faults 23 times", "e", "bytes=1MiB", "exact", by_value},
    {"sun", "the sun rises", "e", "", "exact", always},
};
constexpr Claim about_all{.id = "about-all", .subject = "s", .sentence = "", .said_in = "",
                          .versions = "any", .allocators = "all", .predicates = kParts};
constexpr Claim about_kernel{.id = "about-kernel", .subject = "s", .sentence = "", .said_in = "",
                             .versions = "any", .allocators = "", .predicates = kParts};
constexpr Claim about_one{.id = "about-one", .subject = "s", .sentence = "", .said_in = "",
                          .versions = "any", .allocators = "glibc musl", .predicates = kParts};

RunRecord run_under(const std::string& allocator, const std::string& bytes,
                    std::optional<std::int64_t> faults) {
  RunRecord run;
  run.of.experiment = "e";
  run.of.allocator = allocator;
  run.of.params = {{"bytes", bytes}};
  run.phases = {{"touch", {{"minor_faults_count", faults}}, {}}};
  return run;
}

const std::vector<std::string> kAllocators{"glibc", "jemalloc"};

TEST(Judge, a_claim_is_confirmed_when_all_parts_are) {
  const std::vector<RunRecord> runs{run_under("glibc", "1048576", 23), run_under("jemalloc", "1MiB", 23)};
  for (const auto& verdict : judge(about_all, runs, kAllocators))
    EXPECT_EQ(verdict.verdict, Verdict::confirmed) << verdict.allocator;
}

TEST(Judge, one_refuted_part_refutes_the_claim_under_that_allocator_alone) {
  const std::vector<RunRecord> runs{run_under("glibc", "1MiB", 24), run_under("jemalloc", "1MiB", 23)};
  const auto verdicts = judge(about_all, runs, kAllocators);
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[0].verdict, Verdict::refuted);
  EXPECT_EQ(measured_words(verdicts[0]), "24");
  EXPECT_EQ(explanation_words(verdicts[0]), "saw another number");
  EXPECT_EQ(verdicts[1].verdict, Verdict::confirmed);
}

TEST(Judge, evidence_is_limited_to_the_points_that_a_predicate_names) {
  const std::vector<RunRecord> runs{run_under("glibc", "4KiB", 1), run_under("glibc", "1MiB", 23)};
  EXPECT_EQ(judge(about_one, runs, {{"glibc"}})[0].verdict, Verdict::confirmed);
}

TEST(Judge, without_a_run_that_ended_well_nothing_is_testable_and_the_reason_is_the_runs) {
  auto failed = run_under("glibc", "1MiB", 23);
  failed.status = Status::skipped;
  failed.reason = "no such library";
  const auto verdict = judge(about_one, {{failed}}, {{"glibc"}})[0];
  EXPECT_EQ(verdict.verdict, Verdict::not_testable);
  EXPECT_NE(explanation_words(verdict).find("no such library"), std::string::npos);
  EXPECT_EQ(judge(about_one, {}, {{"glibc"}})[0].verdict, Verdict::not_testable);
}

Finding own_faults_are_fewer(Evidence evidence) {
  std::optional<std::int64_t> own = evidence[0]->value("touch", "minor_faults_count");
  std::string measured(evidence[0]->allocator());
  bool fewer = true;
  for (const RunView* run : evidence.subspan(1)) {
    measured += ' ' + std::string(run->allocator());
    fewer = fewer && own < run->value("touch", "minor_faults_count");
  }
  return {fewer ? Verdict::confirmed : Verdict::refuted, measured, "fewer"};
}
constexpr Predicate kBeside[] = {
    {"fewer", "faults less than others", "e", "", "exact", own_faults_are_fewer, "mimalloc jemalloc"}};
constexpr Claim compares{.id = "compares", .subject = "s", .sentence = "", .said_in = "",
                         .versions = "any", .allocators = "glibc jemalloc", .predicates = kBeside};

TEST(Judge, a_predicate_that_asks_for_others_sees_its_own_runs_first_and_nobody_elses) {
  const std::vector<RunRecord> runs{run_under("jemalloc", "1MiB", 5), run_under("tcmalloc", "1MiB", 1),
                                    run_under("mimalloc", "1MiB", 4), run_under("glibc", "1MiB", 3)};
  const auto verdicts = judge(compares, runs, kAllocators);
  EXPECT_EQ(measured_words(verdicts[0]), "glibc mimalloc jemalloc");
  EXPECT_EQ(verdicts[0].verdict, Verdict::confirmed);
  EXPECT_EQ(measured_words(verdicts[1]), "jemalloc mimalloc");
  EXPECT_EQ(verdicts[1].verdict, Verdict::refuted);
  EXPECT_EQ(allocators_beside(compares), (std::vector<std::string_view>{"mimalloc", "jemalloc"}));
}

TEST(Judge, runs_of_one_measure_are_no_evidence_for_the_other) {
  static constexpr Predicate kTimed[] = {{"sun", "", "e", "", "", always, "", true}};
  static constexpr Claim timed{.id = "timed", .subject = "s", .sentence = "", .said_in = "",
                               .versions = "any", .allocators = "all", .predicates = kTimed};
  auto run = run_under("glibc", "1MiB", 23);
  EXPECT_EQ(judge(timed, {{run}}, {{"glibc"}})[0].verdict, Verdict::not_testable);
  run.measure = "time";
  EXPECT_EQ(judge(timed, {{run}}, {{"glibc"}})[0].verdict, Verdict::confirmed);
  EXPECT_EQ(judge(about_one, {{run}}, {{"glibc"}})[0].verdict, Verdict::not_testable);
}

TEST(Judge, an_unknown_number_is_not_testable_never_confirmed) {
  EXPECT_EQ(judge(about_one, {{run_under("glibc", "1MiB", std::nullopt)}}, {{"glibc"}})[0].verdict,
            Verdict::not_testable);
}

TEST(Judge, claims_about_other_allocators_are_not_applicable_and_kernel_claims_have_no_allocator) {
  const std::vector<RunRecord> runs{run_under("glibc", "1MiB", 23)};
  EXPECT_EQ(judge(about_one, runs, {{"jemalloc"}})[0].verdict, Verdict::not_applicable);
  const auto verdicts = judge(about_kernel, runs, kAllocators);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].allocator, "");
  EXPECT_EQ(verdicts[0].verdict, Verdict::confirmed);
}

}  // namespace
}  // namespace lab
