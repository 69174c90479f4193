#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

FakeRun counted(std::string hole, std::string field, std::int64_t more) {
  FakeRun run;
  run.param("hole_bytes", std::move(hole)).phase("fill").set(field, 1);
  run.phase("make_holes").set(field, 1 + more);
  return run;
}

TEST(mallinfo_fragments, a_field_that_does_not_see_its_holes_refutes) {
  struct {
    const char *part, *hole, *field;
    std::int64_t seen;
  } const parts[] = {{"fsmblks", "40", "glibc_fsmblks_bytes", 4464},
                     {"smblks", "400", "glibc_smblks_count", 93},
                     {"ordblks", "2000", "glibc_ordblks_count", 100}};
  for (const auto& [part, hole, field, seen] : parts) {
    const FakeRun sees = counted(hole, field, seen), blind = counted(hole, field, 0);
    EXPECT_EQ(verdict_of("mallinfo-fragments", part, {&sees}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("mallinfo-fragments", part, {&blind}), Verdict::refuted);
  }
}

FakeRun reported(std::int64_t mallinfo, std::int64_t xml, std::int64_t text) {
  FakeRun run;
  run.phase("main_blocks").set("mallinfo_in_use_bytes", 100000).set("live_bytes", 100000);
  run.phase("thread_blocks").set("live_bytes", 300000);
  for (const auto kind : {"_in_use_bytes", "_system_bytes"}) {
    run.set(std::string("mallinfo") + kind, mallinfo).set(std::string("malloc_info") + kind, xml);
    run.set(std::string("malloc_stats") + kind, text);
  }
  return run;
}

TEST(stats_agree, reports_a_kilobyte_apart_agree_and_more_refutes) {
  const FakeRun equal = reported(300000, 300000, 300100), apart = reported(100000, 300000, 300000);
  for (const auto part : {"in_use", "system"}) {
    EXPECT_EQ(verdict_of("stats-agree", part, {&equal}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("stats-agree", part, {&apart}), Verdict::refuted);
  }
}

TEST(mallinfo_main_only, blocks_of_other_threads_that_are_counted_refute) {
  const FakeRun blind = reported(100000, 300000, 300000), sees = reported(300000, 300000, 300000);
  EXPECT_EQ(verdict_of("mallinfo-main-only", "threads", {&blind}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("mallinfo-main-only", "threads", {&sees}), Verdict::refuted);
}

// 128 blocks of 1008 bytes are taken and 64 freed, of which `hidden` stay in use.
FakeRun cached(std::string block, std::int64_t hidden) {
  FakeRun run;
  run.param("block_bytes", std::move(block)).phase("before").set("allocator_live_bytes", 656);
  run.phase("allocate").set("allocations_count", 128);
  run.set("allocator_live_bytes", 656 + 128 * 1008);
  run.phase("free").set("frees_count", 64);
  return run.set("allocator_live_bytes", 656 + (64 + hidden) * 1008);
}

TEST(uordblks_in_use, blocks_in_the_thread_cache_refute) {
  const FakeRun exact = cached("1000", 0), hides = cached("1000", 7);
  EXPECT_EQ(verdict_of("uordblks-in-use", "freed", {&exact}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("uordblks-in-use", "freed", {&hides}), Verdict::refuted);
}

TEST(tcache_depth, both_sizes_must_hide_seven) {
  const FakeRun small = cached("24", 7), large = cached("1000", 7), deeper = cached("1000", 16);
  EXPECT_EQ(verdict_of("tcache-depth", "depth", {&small, &large}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("tcache-depth", "depth", {&small, &deeper}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
