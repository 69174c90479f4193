#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

FakeRun request(std::int64_t bytes, std::string history, std::string threshold, bool mapped) {
  FakeRun run;
  run.param("request_bytes", std::to_string(bytes)).param("history", std::move(history));
  run.param("freed_bytes", "1MiB").knob("mmap_threshold_bytes", std::move(threshold));
  run.phase("request")
      .set("mmap_calls_count", mapped ? 1 : 0)
      .set("brk_calls_count", mapped ? 0 : 1);
  return run;
}

// Verdict of a part when the first mapped request is one of `first_mapped` bytes.
Verdict with_boundary(std::string_view id, std::string_view part, std::string history,
                      std::string threshold, std::int64_t first_mapped) {
  const FakeRun below = request(first_mapped - 1, history, threshold, false);
  const FakeRun above = request(first_mapped, history, threshold, true);
  return verdict_of(id, part, {&below, &above});
}

TEST(mmap_128k, a_boundary_a_header_below_128_kib_confirms_and_any_other_refutes) {
  const std::pair<const char*, const char*> parts[] = {
      {"fresh", "fresh"}, {"after_small", "small"}, {"room_at_top", "freed_top"}};
  for (const auto& [part, history] : parts) {
    EXPECT_EQ(with_boundary("mmap-128k", part, history, "absent", 131049), Verdict::confirmed);
    EXPECT_EQ(with_boundary("mmap-128k", part, history, "absent", 131073), Verdict::refuted);
    EXPECT_EQ(with_boundary("mmap-128k", part, history, "absent", 131040), Verdict::refuted);
  }
}

TEST(mmap_128k, a_size_above_the_boundary_that_is_not_mapped_refutes) {
  const FakeRun below = request(131048, "fresh", "absent", false);
  const FakeRun at = request(131049, "fresh", "absent", true);
  const FakeRun above = request(2 << 20, "fresh", "absent", false);
  EXPECT_EQ(verdict_of("mmap-128k", "fresh", {&below, &at, &above}), Verdict::refuted);
}

TEST(mmap_128k, a_smaller_request_must_call_brk_and_not_mmap) {
  const FakeRun brk = request(120 << 10, "fresh", "absent", false);
  const FakeRun mapped = request(120 << 10, "fresh", "absent", true);
  EXPECT_EQ(verdict_of("mmap-128k", "smaller", {&brk}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("mmap-128k", "smaller", {&mapped}), Verdict::refuted);
}

TEST(mmap_128k, without_a_boundary_nothing_is_said) {
  const FakeRun only = request(4096, "fresh", "absent", false);
  EXPECT_EQ(verdict_of("mmap-128k", "fresh", {&only}), Verdict::not_testable);
}

TEST(threshold_tunable, the_boundary_must_follow_the_knob) {
  EXPECT_EQ(with_boundary("threshold-tunable", "to_64_kib", "fresh", "64KiB", 65513),
            Verdict::confirmed);
  EXPECT_EQ(with_boundary("threshold-tunable", "to_64_kib", "fresh", "64KiB", 131049),
            Verdict::refuted);
  EXPECT_EQ(with_boundary("threshold-tunable", "to_1_mib", "fresh", "1MiB", 1048553),
            Verdict::confirmed);
  EXPECT_EQ(with_boundary("threshold-tunable", "to_1_mib", "fresh", "1MiB", 131049),
            Verdict::refuted);
}

TEST(threshold_fixed, a_boundary_that_rose_refutes) {
  EXPECT_EQ(with_boundary("threshold-fixed", "boundary", "", "absent", 131049), Verdict::confirmed);
  EXPECT_EQ(with_boundary("threshold-fixed", "boundary", "", "absent", 1052649), Verdict::refuted);
}

FakeRun same_again(std::int64_t freed, bool mapped) {
  FakeRun run;
  run.param("freed_bytes", std::to_string(freed)).param("request_bytes", "same");
  run.knob("mmap_threshold_bytes", "absent");
  run.phase("request").set("mmap_calls_count", mapped ? 1 : 0);
  return run;
}

TEST(threshold_fixed, a_freed_size_that_is_not_mapped_again_refutes) {
  const FakeRun small = same_again(1000, false), mapped = same_again(1 << 20, true);
  const FakeRun reused = same_again(32 << 20, false), beyond = same_again(33 << 20, true);
  EXPECT_EQ(verdict_of("threshold-fixed", "same_size", {&small, &mapped}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("threshold-fixed", "same_size", {&reused, &beyond}), Verdict::refuted);
}

FakeRun freed(std::int64_t mmap_calls, std::int64_t munmap_calls, std::int64_t left) {
  FakeRun run;
  run.param("request_bytes", "1MiB").param("history", "fresh").start("rss_anon_bytes", 5000);
  run.phase("request").set("mmap_calls_count", mmap_calls);
  run.phase("free").set("munmap_calls_count", munmap_calls).set("rss_anon_bytes", 5000 + left);
  return run;
}

TEST(mmap_free_returns, an_unmapped_block_confirms_and_a_kept_one_refutes) {
  const FakeRun gone = freed(1, 1, 0), kept = freed(1, 0, 1 << 20);
  for (const auto part : {"munmap", "resident"}) {
    EXPECT_EQ(verdict_of("mmap-free-returns", part, {&gone}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("mmap-free-returns", part, {&kept}), Verdict::refuted);
  }
  const FakeRun from_pool = freed(0, 0, 1 << 20);
  EXPECT_EQ(verdict_of("mmap-free-returns", "munmap", {&from_pool}), Verdict::not_applicable);
}

FakeRun churned(std::string threshold, std::int64_t cost) {
  FakeRun run;
  run.param("block_bytes", "1KiB").knob("mmap_threshold_bytes", std::move(threshold));
  run.phase("churn").set("minor_faults_count", cost).set("mmap_calls_count", cost);
  return run.set("munmap_calls_count", cost).set("brk_calls_count", 0);
}

TEST(all_mmap_slow, more_than_twice_the_cost_confirms) {
  const FakeRun normal = churned("absent", 100), dear = churned("1", 1000),
                same = churned("1", 100);
  for (const auto part : {"faults", "calls"}) {
    EXPECT_EQ(verdict_of("all-mmap-slow", part, {&normal, &dear}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("all-mmap-slow", part, {&normal, &same}), Verdict::refuted);
  }
}

FakeRun mapped_blocks(std::int64_t calls, std::int64_t maps) {
  FakeRun run;
  run.param("block_bytes", "1KiB").knob("mmap_threshold_bytes", "1").start("maps_count", 30);
  run.phase("allocate").set("mmap_calls_count", calls).set("allocations_count", 1000);
  run.set("maps_count", 31);
  run.phase("free_half").set("maps_count", 30 + maps);
  return run;
}

TEST(small_mmap_splits, many_maps_and_a_call_per_block_confirm) {
  const FakeRun split = mapped_blocks(1000, 500), merged = mapped_blocks(1000, 1);
  const FakeRun bought = mapped_blocks(10, 5);
  EXPECT_EQ(verdict_of("small-mmap-splits", "maps", {&split}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("small-mmap-splits", "maps", {&merged}), Verdict::refuted);
  EXPECT_EQ(verdict_of("small-mmap-splits", "load", {&split}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("small-mmap-splits", "load", {&bought}), Verdict::refuted);
}

FakeRun bought(std::int64_t calls) {
  FakeRun run;
  run.param("block_bytes", "1KiB").phase("allocate").set("allocations_count", 16384);
  return run.set("brk_calls_count", calls).set("mmap_calls_count", 0);
}

TEST(brk_wholesale, fifty_blocks_a_call_are_needed) {
  const FakeRun few = bought(127), many = bought(1000);
  EXPECT_EQ(verdict_of("brk-wholesale", "blocks_per_call", {&few}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("brk-wholesale", "blocks_per_call", {&many}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
