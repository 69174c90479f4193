#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kMib = 1 << 20;

FakeRun holes(std::string percent, std::int64_t kept, std::int64_t cost) {
  FakeRun run;
  run.param("hole_bytes", "4KiB").param("request_percent", std::move(percent));
  run.start("rss_anon_bytes", 4096).phase("fill").set("rss_anon_bytes", 4096 + 8 * kMib);
  run.phase("make_holes").set("rss_anon_bytes", 4096 + kept);
  run.phase("reuse").set("minor_faults_count", cost).set("brk_calls_count", cost);
  return run.set("mmap_calls_count", 0).set("allocations_count", 1000);
}

TEST(brk_free_kept, memory_that_stays_and_is_reused_for_nothing_confirms) {
  const FakeRun kept = holes("100", 8 * kMib, 0), returned = holes("100", 4 * kMib, 1000);
  for (const auto part : {"kept", "reused"}) {
    EXPECT_EQ(verdict_of("brk-free-kept", part, {&kept}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("brk-free-kept", part, {&returned}), Verdict::refuted);
  }
}

TEST(hole_reuse, new_memory_refutes) {
  for (const auto& [part, percent] : {std::pair{"same", "100"}, std::pair{"smaller", "50"}}) {
    const FakeRun reused = holes(percent, 8 * kMib, 3), fresh = holes(percent, 8 * kMib, 500);
    EXPECT_EQ(verdict_of("hole-reuse", part, {&reused}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("hole-reuse", part, {&fresh}), Verdict::refuted);
  }
}

FakeRun top(std::int64_t free_bytes, bool trimmed) {
  constexpr std::int64_t kStart = 0x10000;
  FakeRun run;
  run.phase("allocate").set("heap_top_address", kStart + free_bytes);
  run.set("block_address", kStart + 16);
  run.phase("free").set("brk_calls_count", trimmed ? 1 : 0);
  return run;
}

TEST(top_trim_128k, the_boundary_must_lie_between_the_last_kept_and_the_first_trimmed_top) {
  for (const auto& [part, at] :
       {std::pair<const char*, std::int64_t>{"boundary", 128 << 10}, {"tunable", 256 << 10}}) {
    const FakeRun kept = top(at - 16, false), trimmed = top(at, true);
    const FakeRun kept_above = top(2 * at, false), trimmed_higher = top(3 * at, true);
    EXPECT_EQ(verdict_of("top-trim-128k", part, {&kept, &trimmed}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("top-trim-128k", part, {&kept_above, &trimmed_higher}), Verdict::refuted);
    EXPECT_EQ(verdict_of("top-trim-128k", part, {&kept}), Verdict::not_testable);
  }
}

TEST(top_trim_128k, a_pad_that_is_left_refutes_that_all_of_it_goes) {
  const auto left = [](std::int64_t bytes) {
    FakeRun run;
    run.start("heap_bytes", 0).phase("free").set("heap_bytes", bytes);
    return run;
  };
  const FakeRun little = left(8192), pad = left(135168);
  EXPECT_EQ(verdict_of("top-trim-128k", "whole", {&little}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("top-trim-128k", "whole", {&pad}), Verdict::refuted);
}

struct Story {
  std::int64_t c_maps = 1, b_maps = 0, c_unmaps = 1, c_bytes = -204800, b_bytes = 0, d_brks = 1;
};

FakeRun abcd(std::string threshold, const Story& story) {
  FakeRun run;
  run.knob("mmap_threshold_bytes", threshold).knob("trim_threshold_bytes", threshold);
  std::int64_t rss = 380928;
  const auto step = [&](const char* name, std::int64_t change) -> FakeRun& {
    rss += change;
    return run.phase(name).set("rss_anon_bytes", rss).set("heap_bytes", 303104);
  };
  step("malloc_a", 0).set("mmap_calls_count", 0);
  step("malloc_b", 0).set("mmap_calls_count", story.b_maps);
  step("malloc_c", 0).set("mmap_calls_count", story.c_maps);
  step("malloc_d", 0).set("mmap_calls_count", 0);
  step("free_c", story.c_bytes).set("munmap_calls_count", story.c_unmaps);
  step("free_b", story.b_bytes).set("brk_calls_count", 0);
  step("free_d", 0).set("brk_calls_count", story.d_brks);
  if (story.d_brks > 0) run.set("heap_bytes", 159744);
  return run;
}

TEST(abcd_walkthrough, the_story_as_told_confirms_every_part) {
  const FakeRun told = abcd("absent", {}), pinned = abcd("128KiB", {});
  for (const auto part : {"c_mapped", "free_c", "free_b", "free_d"})
    EXPECT_EQ(verdict_of("abcd-walkthrough", part, {&told}), Verdict::confirmed) << part;
  EXPECT_EQ(verdict_of("abcd-walkthrough", "free_d_pinned", {&pinned}), Verdict::confirmed);
}

TEST(abcd_walkthrough, each_departure_refutes_its_part) {
  const FakeRun b_mapped = abcd("absent", {.b_maps = 1});
  const FakeRun c_kept = abcd("absent", {.c_unmaps = 0, .c_bytes = 0});
  const FakeRun b_returned = abcd("absent", {.b_bytes = -40960});
  const FakeRun d_kept = abcd("absent", {.d_brks = 0}), pinned = abcd("128KiB", {.d_brks = 0});
  EXPECT_EQ(verdict_of("abcd-walkthrough", "c_mapped", {&b_mapped}), Verdict::refuted);
  EXPECT_EQ(verdict_of("abcd-walkthrough", "free_c", {&c_kept}), Verdict::refuted);
  EXPECT_EQ(verdict_of("abcd-walkthrough", "free_b", {&b_returned}), Verdict::refuted);
  EXPECT_EQ(verdict_of("abcd-walkthrough", "free_d", {&d_kept}), Verdict::refuted);
  EXPECT_EQ(verdict_of("abcd-walkthrough", "free_d_pinned", {&pinned}), Verdict::refuted);
}

FakeRun trimmed(std::int64_t after_free, std::int64_t after_release) {
  FakeRun run;
  run.start("rss_anon_bytes", kMib).phase("allocate").set("rss_anon_bytes", 17 * kMib);
  run.phase("free").set("rss_anon_bytes", kMib + after_free);
  run.phase("release").set("rss_anon_bytes", kMib + after_release);
  return run;
}

TEST(top_pin, memory_below_the_pin_must_stay) {
  const FakeRun stays = trimmed(16 * kMib, 16 * kMib), goes = trimmed(0, 0);
  for (const auto part : {"after_free", "after_release"}) {
    EXPECT_EQ(verdict_of("top-pin", part, {&stays}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("top-pin", part, {&goes}), Verdict::refuted);
  }
}

TEST(trim_top_only, memory_released_between_survivors_refutes) {
  const FakeRun stays = trimmed(16 * kMib, 16 * kMib), goes = trimmed(16 * kMib, kMib);
  EXPECT_EQ(verdict_of("trim-top-only", "survivors_1_percent", {&stays}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("trim-top-only", "survivors_1_percent", {&goes}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
