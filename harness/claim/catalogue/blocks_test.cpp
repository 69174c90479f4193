#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

FakeRun content(std::string bytes, std::int64_t old, std::int64_t dirty, std::int64_t lost) {
  FakeRun run;
  run.param("block_bytes", std::move(bytes)).phase("malloc").set("nonzero_bytes", old);
  run.phase("calloc").set("nonzero_bytes", dirty).phase("realloc").set("lost_bytes", lost);
  return run;
}

TEST(calloc_zeroes, each_call_is_judged_alone) {
  const FakeRun small = content("64", 100, 0, 0), large = content("64KiB", 0, 0, 0);
  const FakeRun bad_small = content("64", 0, 0, 0), bad_large = content("64KiB", 0, 7, 7);
  for (const auto part : {"malloc", "calloc", "realloc"}) {
    EXPECT_EQ(verdict_of("calloc-zeroes", part, {&small, &large}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("calloc-zeroes", part, {&bad_small, &bad_large}), Verdict::refuted);
  }
}

FakeRun grown(std::int64_t faults) {
  FakeRun run;
  run.phase("allocate").set("live_bytes", 16 << 20);
  run.phase("grow").set("live_bytes", 32 << 20).set("minor_faults_count", faults);
  return run.set("mremap_calls_count", 1);
}

TEST(realloc_copies, faults_for_the_new_pages_alone_refute) {
  const FakeRun copied = grown(8192), moved = grown(4096);
  EXPECT_EQ(verdict_of("realloc-copies", "faults", {&copied}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("realloc-copies", "faults", {&moved}), Verdict::refuted);
}

FakeRun packed(std::string request, std::int64_t distance, std::int64_t alignment) {
  FakeRun run;
  run.param("request_bytes", std::move(request)).phase("allocate");
  return run.set("distance_bytes", distance).set("alignment_bytes", alignment);
}

TEST(min_chunk_16, the_smallest_distance_of_all_sizes_decides) {
  const FakeRun large = packed("64", 80, 16), small = packed("8", 16, 16),
                wide = packed("8", 32, 32);
  EXPECT_EQ(verdict_of("min-chunk-16", "distance", {&large, &small}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("min-chunk-16", "distance", {&large, &wide}), Verdict::refuted);
}

TEST(aligned_16, one_size_with_less_refutes) {
  const FakeRun large = packed("64", 80, 16), small = packed("8", 8, 8);
  EXPECT_EQ(verdict_of("aligned-16", "small_sizes", {&large}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("aligned-16", "small_sizes", {&large, &small}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
