// Real processes: what is known to have happened must be what the instrument shows.
#include "harness/sample/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "harness/sample/test_child.h"
#include "harness/sample/timeline.h"

namespace lab {
namespace {

constexpr std::int64_t kPage = 4096;

PerfSession& session() {
  static PerfSession all_events;
  return all_events;
}

struct Measured {
  explicit Measured(SampleOptions options = {})
      : sampler(child.pid(), PerfCounters(session(), child.pid()), options) {
    child.start();
    sampler.read();
    before = sampler.read();
  }

  // What the counters show for one step of the child.
  Snapshot phase(Step step, int count) {
    child.does(step, count);
    const Snapshot after = sampler.read();
    const Snapshot values = phase_between(before, after);
    grown = [&, from = before, after](std::string_view name) {
      const int index = sampled_index(name);
      return after.get(index).value() - from.get(index).value();
    };
    before = after;
    return values;
  }

  TestChild child;
  Sampler sampler;
  Snapshot before;
  std::function<std::int64_t(std::string_view)> grown;
};

std::optional<std::int64_t> value(const Snapshot& snapshot, std::string_view name) {
  return snapshot.get(sampled_index(name));
}

class Touching : public testing::TestWithParam<int> {};

TEST_P(Touching, pages_shows_as_many_faults_and_pages) {
  const int pages = GetParam();
  Measured measured;
  const Snapshot phase = measured.phase(Step::touch_pages, pages);
  EXPECT_EQ(value(phase, "minor_faults_count"), pages);
  EXPECT_EQ(measured.grown("rss_anon_bytes"), pages * kPage);
  EXPECT_EQ(measured.grown("uss_bytes"), pages * kPage);
  EXPECT_EQ(measured.grown("vsz_bytes"), 0);
  EXPECT_EQ(value(phase, "maps_count"), value(measured.before, "maps_count"));
}

INSTANTIATE_TEST_SUITE_P(, Touching, testing::Values(0, 23, 230));

TEST(Sampler, shows_growth_of_the_heap_without_touching_it) {
  Measured measured;
  const Snapshot phase = measured.phase(Step::grow_heap_pages, 23);
  EXPECT_EQ(measured.grown("heap_bytes"), 23 * kPage);
  EXPECT_EQ(measured.grown("heap_top_address"), 23 * kPage);
  EXPECT_EQ(measured.grown("heap_start_address"), 0);
  EXPECT_EQ(measured.grown("vsz_bytes"), 23 * kPage);
  EXPECT_EQ(measured.grown("rss_anon_bytes"), 0);
  EXPECT_EQ(value(phase, "minor_faults_count"), 0);
}

TEST(Sampler, leaves_no_process_metric_without_value_or_reason) {
  Measured measured;
  const Snapshot phase = measured.phase(Step::touch_pages, 1);
  for (const std::span<const Metric> table :
       {std::span<const Metric>(kMemoryMetrics), std::span<const Metric>(kEventMetrics)})
    for (const Metric& metric : table)
      EXPECT_TRUE(value(phase, metric.name) || measured.sampler.nulls().contains(metric.name))
          << metric.name;
}

TEST(Sampler, reads_neither_system_nor_cgroup_unasked) {
  Measured measured;
  EXPECT_FALSE(value(measured.before, "system_mem_free_bytes"));
  EXPECT_FALSE(measured.sampler.nulls().contains("system_mem_free_bytes"));
  EXPECT_FALSE(measured.sampler.nulls().contains("cgroup_memory_bytes"));
}

TEST(Sampler, reads_the_system_when_asked) {
  Measured measured({.system = true});
  EXPECT_GT(value(measured.before, "system_mem_free_bytes"), 0);
  EXPECT_TRUE(value(measured.before, "system_pgscan_direct_count"));
}

TEST(Sampler, lists_mappings_when_asked) {
  Measured measured({.maps = true});
  const auto maps = measured.sampler.maps();
  EXPECT_EQ(static_cast<std::int64_t>(maps.size()), value(measured.before, "maps_count"));
  const bool has_stack =
      std::ranges::any_of(maps, [](const MapEntry& entry) { return entry.path == "[stack]"; });
  EXPECT_TRUE(has_stack);
}

TEST(Sampler, begins_a_new_peak_at_each_reset) {
  Measured measured;
  measured.sampler.reset_peaks();
  if (measured.sampler.nulls().contains("rss_peak_bytes"))
    GTEST_SKIP() << measured.sampler.nulls().at("rss_peak_bytes");
  const Snapshot phase = measured.phase(Step::touch_pages, 230);
  EXPECT_GE(value(phase, "rss_peak_bytes"), value(phase, "status_rss_bytes"));
}

TEST(Sampler, of_a_dead_process_gives_reasons_instead_of_values) {
  Measured measured;
  measured.child.kill_and_wait();
  const Snapshot after = measured.sampler.read();
  EXPECT_FALSE(value(after, "rss_anon_bytes"));
  EXPECT_FALSE(value(after, "minor_faults_count"));
  EXPECT_TRUE(measured.sampler.nulls().contains("rss_anon_bytes"));
  EXPECT_TRUE(measured.sampler.nulls().contains("minor_faults_count"));
}

TEST(Sampler, without_counters_says_why_events_are_null_in_a_counts_run_only) {
  const Sampler counts(getpid(), std::nullopt, {.counts = true});
  EXPECT_TRUE(counts.nulls().contains("mmap_calls_count"));
  const Sampler time(getpid(), std::nullopt, {.counts = false});
  EXPECT_FALSE(time.nulls().contains("mmap_calls_count"));
}

TEST(Timeline, sees_touched_pages_while_the_process_runs) {
  TestChild child;
  child.start();
  Timeline timeline(child.pid());
  const auto before = timeline.sample(1);
  child.does(Step::touch_pages, 230);
  const auto after = timeline.sample(2);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->t_ns, 2);
  EXPECT_EQ(after->size_bytes, before->size_bytes);
  EXPECT_GT(after->resident_bytes, before->resident_bytes);
}

TEST(Timeline, ends_with_the_process) {
  TestChild child;
  child.start();
  Timeline timeline(child.pid());
  EXPECT_TRUE(timeline.sample(1));
  child.kill_and_wait();
  EXPECT_FALSE(timeline.sample(2));
}

// ---- Events -------------------------------------------------------------------------------------

// Skips the test when this host cannot count `metric`.
#define NEED_EVENT(measured, metric) \
  if (!value((measured).before, metric)) GTEST_SKIP() << (measured).sampler.nulls().at(metric)

TEST(PerfEvents, count_the_faults_of_touching_23_pages) {
  Measured measured;
  NEED_EVENT(measured, "perf_page_faults_count");
  const Snapshot phase = measured.phase(Step::touch_pages, 23);
  EXPECT_EQ(value(phase, "perf_page_faults_count"), 23);
  EXPECT_EQ(value(phase, "perf_minor_faults_count"), 23);
  EXPECT_EQ(value(phase, "perf_major_faults_count"), 0);
}

TEST(PerfEvents, count_user_faults_through_the_tracepoint) {
  Measured measured;
  NEED_EVENT(measured, "user_fault_events_count");
  const Snapshot phase = measured.phase(Step::touch_pages, 23);
  EXPECT_EQ(value(phase, "user_fault_events_count"), 23);
  EXPECT_EQ(value(phase, "kernel_fault_events_count"), 0);
}

TEST(PerfEvents, count_exactly_the_system_calls_made) {
  Measured measured;
  NEED_EVENT(measured, "mmap_calls_count");
  const Snapshot phase = measured.phase(Step::map_and_unmap, 23);
  EXPECT_EQ(value(phase, "mmap_calls_count"), 23);
  EXPECT_EQ(value(phase, "munmap_calls_count"), 23);
  EXPECT_EQ(value(phase, "brk_calls_count"), 0);
  EXPECT_EQ(value(phase, "madvise_calls_count"), 0);
}

TEST(PerfEvents, include_threads_that_have_come_and_gone) {
  Measured measured;
  NEED_EVENT(measured, "perf_page_faults_count");
  const Snapshot phase = measured.phase(Step::touch_pages_in_thread, 23);
  EXPECT_GE(value(phase, "perf_page_faults_count"), 23);
  EXPECT_GE(value(phase, "minor_faults_count"), 23);
  EXPECT_EQ(value(phase, "threads_count"), 1);
}

TEST(PerfEvents, begin_to_count_at_the_exec) {
  TestChild child;
  PerfCounters counters(session(), child.pid());
  Snapshot waiting;
  counters.read(waiting);
  EXPECT_FALSE(value(waiting, "perf_page_faults_count"));
}

TEST(PerfEvents, that_are_always_on_the_processor_give_no_warning) {
  Measured measured;
  NEED_EVENT(measured, "events_enabled_ns");
  if (value(measured.before, "cycles_user_count")) GTEST_SKIP() << "processor events may share it";
  EXPECT_TRUE(measured.sampler.warnings().empty());
  EXPECT_EQ(value(measured.before, "events_enabled_ns"),
            value(measured.before, "events_running_ns"));
}

TEST(PerfSession, gives_every_event_or_a_reason) {
  for (const Metric& metric : kEventMetrics) {
    if (metric.source.starts_with("perf time")) continue;
    const bool openable = std::ranges::any_of(session().events(), [&](const OpenableEvent& event) {
      return sampled_metrics()[static_cast<std::size_t>(event.metric)].name == metric.name;
    });
    EXPECT_NE(openable, session().nulls().contains(metric.name)) << metric.name;
  }
}

TEST(PerfSession, never_leaves_the_kernel_out_except_for_user_halves) {
  for (const OpenableEvent& event : session().events()) {
    const std::string_view name = sampled_metrics()[static_cast<std::size_t>(event.metric)].name;
    EXPECT_EQ(event.exclude_kernel, name.ends_with("_user_count")) << name;
    EXPECT_EQ(event.exclude_user, name.ends_with("_kernel_count")) << name;
  }
}

}  // namespace
}  // namespace lab
