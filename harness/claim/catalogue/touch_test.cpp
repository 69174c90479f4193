#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::int64_t kMib = 1 << 20;

FakeRun touched(std::int64_t pages_before, std::int64_t pages_after) {
  FakeRun run;
  run.param("touched_pages", "23").start("rss_anon_bytes", kMib);
  run.phase("allocate").set("rss_anon_bytes", kMib + pages_before * kPage);
  run.set("minor_faults_count", pages_before);
  run.phase("touch").set("rss_anon_bytes", kMib + pages_after * kPage);
  return run.set("minor_faults_count", pages_after - pages_before);
}

TEST(first_touch, pages_that_come_with_the_touch_confirm) {
  const FakeRun lazy = touched(1, 23), eager = touched(256, 256);
  for (const auto part : {"allocate", "touch"}) {
    EXPECT_EQ(verdict_of("first-touch", part, {&lazy}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("first-touch", part, {&eager}), Verdict::refuted);
  }
}

Verdict with_unit(std::int64_t unit) {
  std::vector<FakeRun> runs;
  for (const std::int64_t written : {1, 1024, 4096, 5120, 7168}) {
    FakeRun run;
    run.param("written_bytes", std::to_string(written)).start("rss_anon_bytes", kMib);
    run.phase("write").set("rss_anon_bytes", kMib + (written + unit - 1) / unit * unit);
    runs.push_back(run);
  }
  return verdict_of("page-granular", "sizes", {&runs[0], &runs[1], &runs[2], &runs[3], &runs[4]});
}

TEST(page_granular, growth_by_whole_pages_confirms_and_by_bytes_refutes) {
  EXPECT_EQ(with_unit(4096), Verdict::confirmed);
  EXPECT_EQ(with_unit(1024), Verdict::refuted);
}

TEST(vsz_lazy_top, growth_with_every_block_refutes) {
  const auto grown = [](std::int64_t second) {
    FakeRun run;
    run.start("vsz_bytes", kMib).phase("malloc_32k").set("vsz_bytes", kMib + 163840);
    run.phase("malloc_64k").set("vsz_bytes", kMib + 163840 + second);
    return run;
  };
  const FakeRun room = grown(0), none = grown(65536);
  EXPECT_EQ(verdict_of("vsz-lazy-top", "second_block", {&room}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("vsz-lazy-top", "second_block", {&none}), Verdict::refuted);
}

Verdict with_dirty(std::string_view dirty_source) {
  std::vector<FakeRun> runs;
  for (const auto source : {"anonymous", "shared_anonymous", "populated", "brk", "dontneed"}) {
    FakeRun run;
    run.param("source", source).phase("read").set("nonzero_bytes", source == dirty_source ? 1 : 0);
    runs.push_back(run);
  }
  return verdict_of("mmap-zeroed", "all_sources",
                    {&runs[0], &runs[1], &runs[2], &runs[3], &runs[4]});
}

TEST(mmap_zeroed, one_dirty_byte_of_one_source_refutes) {
  EXPECT_EQ(with_dirty(""), Verdict::confirmed);
  EXPECT_EQ(with_dirty("brk"), Verdict::refuted);
}

TEST(read_touch, the_zero_page_refutes_both_parts) {
  const auto read = [](std::int64_t resident_pages, std::int64_t write_faults) {
    FakeRun run;
    run.param("pages", "230").start("rss_anon_bytes", kMib);
    run.phase("read").set("rss_anon_bytes", kMib + resident_pages * kPage);
    run.set("minor_faults_count", 230).phase("write").set("minor_faults_count", write_faults);
    return run;
  };
  const FakeRun real = read(230, 0), zero = read(0, 230);
  for (const auto part : {"resident", "write"}) {
    EXPECT_EQ(verdict_of("read-touch", part, {&real}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("read-touch", part, {&zero}), Verdict::refuted);
  }
}

TEST(calloc_zero_touch, untouched_memory_refutes) {
  const auto zeroed = [](std::string history, std::int64_t resident) {
    FakeRun run;
    run.param("history", std::move(history)).start("rss_anon_bytes", 0);
    run.phase("calloc").set("rss_anon_bytes", resident).set("minor_faults_count", 1);
    return run;
  };
  for (const auto history : {"fresh", "recycled"}) {
    const FakeRun all = zeroed(history, 32 * kMib), none = zeroed(history, kPage);
    EXPECT_EQ(verdict_of("calloc-zero-touch", history, {&all}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("calloc-zero-touch", history, {&none}), Verdict::refuted);
  }
}

TEST(populate_no_fault, each_way_of_counting_is_judged_alone) {
  const auto populated = [](std::int64_t traps, std::int64_t charged) {
    FakeRun run;
    run.param("populate", "map").phase("map").set("perf_page_faults_count", traps);
    run.set("minor_faults_count", charged).phase("write").set("perf_page_faults_count", 0);
    return run;
  };
  const FakeRun quiet = populated(0, 0), loud = populated(230, 230);
  for (const auto part : {"traps", "charged"}) {
    EXPECT_EQ(verdict_of("populate-no-fault", part, {&quiet}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("populate-no-fault", part, {&loud}), Verdict::refuted);
  }
}

TEST(populate_no_fault, without_perf_nothing_is_said_of_traps) {
  FakeRun run;
  run.param("populate", "map").phase("map").set("minor_faults_count", 230);
  EXPECT_EQ(verdict_of("populate-no-fault", "traps", {&run}), Verdict::not_testable);
}

FakeRun advised(std::string advice, std::int64_t pages) {
  FakeRun run;
  run.param("advice", std::move(advice)).start("rss_anon_bytes", kMib);
  run.phase("advise").set("rss_anon_bytes", kMib + pages * kPage);
  return run;
}

TEST(madv_free_now, pages_that_stay_counted_refute) {
  const FakeRun dontneed = advised("dontneed", 0), gone = advised("free", 0);
  const FakeRun there = advised("free", 230);
  EXPECT_EQ(verdict_of("madv-free-now", "rss", {&dontneed, &gone}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("madv-free-now", "rss", {&dontneed, &there}), Verdict::refuted);
}

FakeRun byte_written(std::string advice, std::int64_t resident) {
  FakeRun run;
  run.param("advice", std::move(advice)).param("touch", "write").param("touched_bytes", "1");
  run.start("rss_anon_bytes", kMib).phase("touch").set("rss_anon_bytes", kMib + resident);
  return run;
}

TEST(thp_amplify, a_small_page_refutes) {
  const FakeRun small = byte_written("nohugepage", kPage),
                huge = byte_written("hugepage", 2 * kMib);
  const FakeRun refused = byte_written("hugepage", kPage);
  EXPECT_EQ(verdict_of("thp-amplify", "write", {&small, &huge}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("thp-amplify", "write", {&small, &refused}), Verdict::refuted);
}

FakeRun descended(std::int64_t limit, std::int64_t grown, std::int64_t again) {
  FakeRun run;
  run.param("depth_bytes", "7MiB").start("stack_bytes", 135168);
  run.phase("descend").set("stack_limit_bytes", limit).set("stack_bytes", 135168 + grown);
  run.phase("descend_again").set("minor_faults_count", again);
  run.phase("beyond").set("helper_signal_number", 11);
  return run;
}

TEST(stack_8m, limit_and_growth_are_judged_apart) {
  const FakeRun usual = descended(8 * kMib, 7 * kMib, 0), other = descended(16 * kMib, 0, 1700);
  for (const auto part : {"limit", "on_demand"}) {
    EXPECT_EQ(verdict_of("stack-8m", part, {&usual}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("stack-8m", part, {&other}), Verdict::refuted);
  }
}

FakeRun forked(std::int64_t reading, std::int64_t writing) {
  FakeRun run;
  run.phase("child_reads").set("child_minor_faults_count", reading);
  run.phase("child_writes_half").set("child_minor_faults_count", writing);
  run.phase("body_writes_rest").set("minor_faults_count", writing);
  return run;
}

TEST(cow_fork, copies_at_the_fork_refute) {
  const FakeRun shared = forked(0, 1150), copied = forked(2300, 0);
  for (const auto part : {"reading", "writing"}) {
    EXPECT_EQ(verdict_of("cow-fork", part, {&shared}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("cow-fork", part, {&copied}), Verdict::refuted);
  }
}

}  // namespace
}  // namespace lab::testing
