#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kMib = 1 << 20;

struct Left {
  std::int64_t after_free;
  std::int64_t soon;  // watch_4
  std::int64_t late;  // watch_8
};

FakeRun burst_run(std::string freed_percent, std::string wait, Left left) {
  FakeRun run("jemalloc");
  run.param("freed_percent", std::move(freed_percent)).param("wait", std::move(wait));
  run.param("watch_ms", "12800").start("rss_anon_bytes", kMib);
  const auto at = [&](const char* phase, std::int64_t bytes) {
    run.phase(phase).set("rss_anon_bytes", kMib + bytes);
  };
  at("burst", 32 * kMib), at("free", left.after_free), at("watch_4", left.soon);
  at("watch_7", left.late), at("watch_8", left.late);
  return run;
}

TEST(delete_late, memory_that_is_there_at_the_fourth_watch_confirms) {
  const FakeRun run = burst_run("100", "idle", {32 * kMib, 30 * kMib, 0});
  EXPECT_EQ(verdict_of("delete-late", "stays", {&run}), Verdict::confirmed);
}

TEST(delete_late, memory_that_is_gone_at_once_refutes) {
  const FakeRun all = burst_run("100", "idle", {0, 0, 0});
  const FakeRun most = burst_run("95", "tick", {7 * kMib, 7 * kMib, 7 * kMib});
  EXPECT_EQ(verdict_of("delete-late", "stays", {&all, &most}), Verdict::refuted);
}

TEST(delete_late, what_survivors_hold_is_not_late) {
  const FakeRun most = burst_run("95", "idle", {8 * kMib, 8 * kMib, 8 * kMib});
  EXPECT_EQ(verdict_of("delete-late", "stays", {&most}), Verdict::refuted);
}

TEST(frees_follow_decay, memory_gone_after_the_watch_confirms_and_memory_that_stays_refutes) {
  for (const auto& [part, wait] :
       {std::pair{"busy", "busy"}, std::pair{"ticking", "tick"}, std::pair{"idle", "idle"}}) {
    const FakeRun gone = burst_run("100", wait, {32 * kMib, 31 * kMib, kMib});
    const FakeRun there = burst_run("100", wait, {32 * kMib, 31 * kMib, 31 * kMib});
    EXPECT_EQ(verdict_of("frees-follow-decay", part, {&gone}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("frees-follow-decay", part, {&there}), Verdict::refuted);
  }
}

TEST(frees_follow_decay, a_short_watch_says_nothing) {
  FakeRun run = burst_run("100", "idle", {32 * kMib, 32 * kMib, 0});
  run.param("watch_ms", "8");
  EXPECT_EQ(verdict_of("frees-follow-decay", "idle", {&run}), Verdict::not_testable);
}

FakeRun release_run(std::int64_t by_trim, std::int64_t by_own) {
  FakeRun run;
  run.start("rss_anon_bytes", 0);
  run.phase("burst").set("rss_anon_bytes", 32 * kMib);
  run.phase("free").set("rss_anon_bytes", 32 * kMib);
  run.phase("trim").set("rss_anon_bytes", 32 * kMib - by_trim);
  run.phase("release").set("rss_anon_bytes", 32 * kMib - by_trim - by_own);
  return run;
}

TEST(trim_preload, a_trim_that_returns_all_there_is_confirms) {
  const FakeRun run = release_run(24 * kMib, 0);
  EXPECT_EQ(verdict_of("trim-preload", "trim", {&run}), Verdict::confirmed);
}

TEST(trim_preload, a_trim_that_leaves_it_to_the_allocator_s_own_call_refutes) {
  const FakeRun run = release_run(0, 24 * kMib);
  EXPECT_EQ(verdict_of("trim-preload", "trim", {&run}), Verdict::refuted);
}

TEST(trim_preload, nothing_to_return_is_not_its_matter) {
  const FakeRun run = release_run(0, 0);
  EXPECT_EQ(verdict_of("trim-preload", "trim", {&run}), Verdict::not_applicable);
}

}  // namespace
}  // namespace lab::testing
