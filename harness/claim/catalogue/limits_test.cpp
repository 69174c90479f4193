#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

FakeRun reclaimed(std::int64_t cached_after, std::int64_t background) {
  FakeRun run;
  for (const auto phase : {"read_file", "write_anonymous"}) {
    run.phase(phase).set("cached_pages_count", 15872).set("system_pgscan_direct_count", 0);
    run.set("system_pgscan_kswapd_count", background);
  }
  return run.set("cached_pages_count", cached_after);
}

TEST(reclaim_cache_first, a_kill_or_a_cache_that_stays_refutes) {
  const FakeRun dropped = reclaimed(3584, 0), kept = reclaimed(15872, 0);
  FakeRun killed = reclaimed(3584, 0);
  killed.status("oom_killed", "killed");
  EXPECT_EQ(verdict_of("reclaim-cache-first", "cache", {&dropped}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("reclaim-cache-first", "cache", {&kept}), Verdict::refuted);
  EXPECT_EQ(verdict_of("reclaim-cache-first", "cache", {&killed}), Verdict::refuted);
}

TEST(reclaim_cache_first, a_skipped_run_says_why) {
  FakeRun skipped;
  skipped.status("skipped", "no memory cgroup: not root");
  EXPECT_EQ(verdict_of("reclaim-cache-first", "cache", {&skipped}), Verdict::not_testable);
}

TEST(reclaim_two_ways, pages_dropped_without_kswapd_are_direct_reclaim) {
  const FakeRun direct = reclaimed(3584, 0), none = reclaimed(15872, 0), both = reclaimed(3584, 50);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "direct", {&direct}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "direct", {&none}), Verdict::refuted);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "direct", {&both}), Verdict::not_testable);
}

TEST(reclaim_two_ways, a_short_machine_that_kswapd_leaves_alone_refutes_the_periodic_scan) {
  const FakeRun both = reclaimed(3584, 50), cgroup_alone = reclaimed(3584, 0);
  FakeRun short_machine = reclaimed(3584, 0);
  short_machine.set("system_pgscan_direct_count", 700);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "background", {&both}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "background", {&short_machine}), Verdict::refuted);
  EXPECT_EQ(verdict_of("reclaim-two-ways", "background", {&cgroup_alone}), Verdict::not_testable);
}

FakeRun swapped(std::string percent, std::int64_t bytes, std::int64_t major) {
  FakeRun run;
  run.param("written_percent", std::move(percent)).phase("write").set("swap_bytes", bytes);
  run.phase("read").set("major_faults_count", major).set("system_pswpin_count", 8 * major);
  return run;
}

TEST(swap_only_when_short, swap_with_room_or_none_without_refutes) {
  const FakeRun room = swapped("50", 0, 0), early = swapped("50", 4096, 0);
  const FakeRun full = swapped("200", 70 << 20, 4102), never = swapped("200", 0, 0);
  EXPECT_EQ(verdict_of("swap-only-when-short", "room", {&room}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("swap-only-when-short", "room", {&early}), Verdict::refuted);
  EXPECT_EQ(verdict_of("swap-only-when-short", "short", {&full}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("swap-only-when-short", "short", {&never}), Verdict::refuted);
}

TEST(swap_anon, pages_must_go_out_and_come_back_with_major_faults) {
  const FakeRun full = swapped("200", 70 << 20, 4102), never = swapped("200", 0, 0);
  for (const auto part : {"out", "in"}) {
    EXPECT_EQ(verdict_of("swap-anon", part, {&full}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("swap-anon", part, {&never}), Verdict::refuted);
  }
  FakeRun killed = swapped("200", 0, 0);
  killed.status("oom_killed", "killed for want of memory");
  EXPECT_EQ(verdict_of("swap-anon", "out", {&killed}), Verdict::not_testable);
}

FakeRun killed(std::string grows, std::int64_t large, std::int64_t small) {
  FakeRun run;
  run.param("grows", std::move(grows)).phase("grow").set("large_signal_number", large);
  return run.set("small_signal_number", small);
}

TEST(oom_victim, the_larger_must_die_whoever_asks) {
  for (const auto& [part, grows] : {std::pair{"asking", "large"}, std::pair{"other", "small"}}) {
    const FakeRun larger = killed(grows, 9, 0), smaller = killed(grows, 0, 9);
    EXPECT_EQ(verdict_of("oom-victim", part, {&larger}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("oom-victim", part, {&smaller}), Verdict::refuted);
  }
}

FakeRun asked(std::string percent, std::int64_t address, std::string status) {
  FakeRun run;
  run.param("requested_percent", std::move(percent)).status(std::move(status));
  run.phase("allocate").set("block_address", address);
  return run;
}

TEST(oom_kill, malloc_succeeds_and_the_touch_is_killed) {
  const FakeRun below = asked("50", 4096, "ok"), above = asked("200", 4096, "oom_killed");
  const FakeRun refused = asked("200", 0, "ok"), spared = asked("200", 4096, "ok");
  EXPECT_EQ(verdict_of("oom-kill", "malloc", {&above}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("oom-kill", "malloc", {&refused}), Verdict::refuted);
  EXPECT_EQ(verdict_of("oom-kill", "touch", {&below, &above}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("oom-kill", "touch", {&below, &spared}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
