#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

FakeRun faulted(std::string source, std::int64_t minor, std::int64_t major) {
  FakeRun run;
  run.param("source", std::move(source)).phase("touch").set("minor_faults_count", minor);
  return run.set("major_faults_count", major);
}

TEST(minor_major, major_faults_without_a_disk_refute) {
  const FakeRun anonymous = faulted("anonymous", 230, 0), cached = faulted("cached_file", 15, 0);
  const FakeRun from_disk = faulted("cached_file", 0, 230);
  EXPECT_EQ(verdict_of("minor-major", "minor", {&anonymous, &cached}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("minor-major", "minor", {&anonymous, &from_disk}), Verdict::refuted);
}

TEST(minor_major, evicted_and_swapped_pages_need_major_faults) {
  const FakeRun evicted = faulted("evicted_file", 0, 230),
                free_lunch = faulted("evicted_file", 9, 0);
  EXPECT_EQ(verdict_of("minor-major", "major", {&evicted}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("minor-major", "major", {&free_lunch}), Verdict::refuted);
  const auto swapped = [](std::int64_t major) {
    FakeRun run;
    run.param("written_percent", "200").phase("read").set("major_faults_count", major);
    return run;
  };
  const FakeRun back = swapped(4102), never = swapped(0);
  EXPECT_EQ(verdict_of("minor-major", "swap", {&back}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("minor-major", "swap", {&never}), Verdict::refuted);
}

FakeRun churn(std::int64_t faults_after) {
  FakeRun run;
  run.phase("first_round").set("minor_faults_count", 4100);
  run.phase("more_rounds").set("minor_faults_count", faults_after).set("allocations_count", 80);
  return run;
}

TEST(mmap_churn_faults, faults_in_every_round_are_claimed_for_low_thresholds_only) {
  const FakeRun every = churn(82000), never = churn(0);
  for (const auto part : {"default", "pinned_low"}) {
    EXPECT_EQ(verdict_of("mmap-churn-faults", part, {&every}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("mmap-churn-faults", part, {&never}), Verdict::refuted);
  }
  for (const auto part : {"raised", "pool"}) {
    EXPECT_EQ(verdict_of("mmap-churn-faults", part, {&never}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("mmap-churn-faults", part, {&every}), Verdict::refuted);
  }
}

FakeRun mapped(std::string touched, std::int64_t at_map, std::int64_t at_touch,
               std::int64_t faults) {
  constexpr std::int64_t kBefore = 4 << 20;
  FakeRun run;
  run.param("touched", std::move(touched)).start("rss_file_bytes", kBefore);
  run.phase("map").set("rss_file_bytes", kBefore + at_map).set("minor_faults_count", 0);
  run.set("major_faults_count", 0);
  run.phase("touch").set("rss_file_bytes", kBefore + at_touch).set("minor_faults_count", faults);
  return run;
}

TEST(mmap_file_lazy, pages_that_come_with_mmap_refute) {
  const FakeRun lazy = mapped("all", 0, 1 << 20, 17), eager = mapped("all", 1 << 20, 1 << 20, 0);
  for (const auto part : {"map", "touch"}) {
    EXPECT_EQ(verdict_of("mmap-file-lazy", part, {&lazy}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("mmap-file-lazy", part, {&eager}), Verdict::refuted);
  }
}

TEST(fault_around, one_page_for_one_byte_refutes) {
  const FakeRun sixteen = mapped("one", 0, 65536, 1), single = mapped("one", 0, 4096, 1);
  EXPECT_EQ(verdict_of("fault-around", "one_byte", {&sixteen}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("fault-around", "one_byte", {&single}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
