#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

struct Numbers {
  std::int64_t allocations;
  std::int64_t faults;
  std::int64_t rss_bytes;
};

FakeRun pool_run(std::string source, Numbers numbers) {
  FakeRun run;
  run.param("source", std::move(source)).start("rss_anon_bytes", 0);
  run.phase("serve")
      .set("allocations_count", numbers.allocations)
      .set("minor_faults_count", numbers.faults)
      .set("rss_anon_bytes", numbers.rss_bytes);
  return run;
}

const FakeRun kPlain = pool_run("malloc", {1000000, 3, 190000});
const FakeRun kGoodMonotonic = pool_run("monotonic", {12000, 3, 140000});
const FakeRun kGoodPool = pool_run("pool", {44000, 1, 200000});
const FakeRun kFaultingMonotonic = pool_run("monotonic", {12000, 4052, 140000});
const FakeRun kLargePool = pool_run("pool", {44000, 1, 620000});
const FakeRun kTalkativePool = pool_run("pool", {900000, 1, 190000});

TEST(pool_helps, fewer_calls_faults_and_bytes_confirm_each_part) {
  for (const char* part : {"calls", "faults", "memory"})
    EXPECT_EQ(verdict_of("pool-helps", part, {&kPlain, &kGoodMonotonic, &kGoodPool}),
              Verdict::confirmed)
        << part;
}

TEST(pool_helps, a_pool_that_passes_requests_on_refutes_calls) {
  EXPECT_EQ(verdict_of("pool-helps", "calls", {&kPlain, &kGoodMonotonic, &kTalkativePool}),
            Verdict::refuted);
}

TEST(pool_helps, a_fault_on_every_request_refutes_faults) {
  EXPECT_EQ(verdict_of("pool-helps", "faults", {&kPlain, &kFaultingMonotonic, &kGoodPool}),
            Verdict::refuted);
}

TEST(pool_helps, a_pool_that_holds_more_refutes_memory) {
  EXPECT_EQ(verdict_of("pool-helps", "memory", {&kPlain, &kGoodMonotonic, &kLargePool}),
            Verdict::refuted);
}

TEST(pool_helps, a_region_that_keeps_its_chunk_confirms_and_one_that_faults_refutes) {
  const FakeRun good = pool_run("region", {250, 0, 190000});
  const FakeRun faulting = pool_run("region", {250, 9000, 190000});
  EXPECT_EQ(verdict_of("pool-helps", "region", {&kPlain, &good}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("pool-helps", "region", {&kPlain, &faulting}), Verdict::refuted);
}

TEST(pool_helps, without_one_of_the_sources_nothing_can_be_said) {
  EXPECT_EQ(verdict_of("pool-helps", "calls", {&kPlain, &kGoodPool}), Verdict::not_testable);
}

}  // namespace
}  // namespace lab::testing
