#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kMib = 1 << 20;

FakeRun heaps_run(std::int64_t heaps) {
  FakeRun run;
  run.phase("first_call").set("heaps_count", heaps);
  return run;
}

TEST(arena_contention, one_heap_confirms) {
  const FakeRun run = heaps_run(1);
  EXPECT_EQ(verdict_of("arena-contention", "living", {&run}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("arena-contention", "ended", {&run}), Verdict::confirmed);
}

TEST(arena_contention, a_heap_for_each_thread_refutes) {
  const FakeRun run = heaps_run(16);
  EXPECT_EQ(verdict_of("arena-contention", "living", {&run}), Verdict::refuted);
  EXPECT_EQ(verdict_of("arena-contention", "ended", {&run}), Verdict::refuted);
}

FakeRun arena_run(std::int64_t vsz_bytes, std::int64_t rss_bytes) {
  FakeRun run;
  run.param("threads", "4");
  run.phase("start").set("vsz_bytes", kMib).set("rss_anon_bytes", kMib);
  run.phase("first_call").set("vsz_bytes", kMib + 4 * vsz_bytes);
  run.set("rss_anon_bytes", kMib + 4 * rss_bytes);
  return run;
}

TEST(arena_64m, reserved_addresses_confirm_the_one_and_few_pages_refute_the_other) {
  const FakeRun run = arena_run(64 * kMib, 8192);
  EXPECT_EQ(verdict_of("arena-64m", "addresses", {&run}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("arena-64m", "memory", {&run}), Verdict::refuted);
}

TEST(arena_64m, other_reserves_refute_and_resident_arenas_confirm) {
  const FakeRun run = arena_run(128 * kMib, 64 * kMib);
  EXPECT_EQ(verdict_of("arena-64m", "addresses", {&run}), Verdict::refuted);
  EXPECT_EQ(verdict_of("arena-64m", "memory", {&run}), Verdict::confirmed);
}

FakeRun limit_run(std::string arenas, std::int64_t rss_bytes) {
  FakeRun run;
  run.knob("arena_max_count", std::move(arenas)).start("rss_anon_bytes", 0);
  run.phase("burst").set("rss_anon_bytes", 4 * kMib);
  run.phase("burst").set("rss_anon_bytes", rss_bytes);
  return run;
}

TEST(arena_max_helps, less_memory_with_two_arenas_confirms) {
  const FakeRun free_choice = limit_run("absent", 32 * kMib);
  const FakeRun two = limit_run("2", 9 * kMib);
  for (const auto part : {"below", "above"})
    EXPECT_EQ(verdict_of("arena-max-helps", part, {&free_choice, &two}), Verdict::confirmed);
}

TEST(arena_max_helps, the_same_memory_refutes) {
  const FakeRun free_choice = limit_run("absent", 32 * kMib);
  const FakeRun two = limit_run("2", 32 * kMib);
  for (const auto part : {"below", "above"})
    EXPECT_EQ(verdict_of("arena-max-helps", part, {&free_choice, &two}), Verdict::refuted);
}

FakeRun handed_run(std::initializer_list<std::int64_t> produced_mib) {
  FakeRun run;
  run.start("rss_anon_bytes", 0);
  for (const std::int64_t mib : produced_mib)
    run.phase("produce").set("rss_anon_bytes", mib * kMib);
  return run;
}

TEST(blowup_bounded, a_flat_footprint_confirms_both_parts) {
  const FakeRun run = handed_run({8, 8, 9, 9, 9, 9, 9, 9});
  EXPECT_EQ(verdict_of("blowup-bounded", "flat", {&run}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("blowup-bounded", "bounded", {&run}), Verdict::confirmed);
}

TEST(blowup_bounded, one_set_for_each_thread_refutes_flat_but_is_bounded) {
  const FakeRun run = handed_run({8, 16, 24, 32, 32, 32, 32, 32});
  EXPECT_EQ(verdict_of("blowup-bounded", "flat", {&run}), Verdict::refuted);
  EXPECT_EQ(verdict_of("blowup-bounded", "bounded", {&run}), Verdict::confirmed);
}

TEST(blowup_bounded, growth_without_end_refutes_both) {
  const FakeRun run = handed_run({8, 16, 24, 32, 40, 48, 56, 64});
  EXPECT_EQ(verdict_of("blowup-bounded", "flat", {&run}), Verdict::refuted);
  EXPECT_EQ(verdict_of("blowup-bounded", "bounded", {&run}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
