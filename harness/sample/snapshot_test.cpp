#include "harness/sample/snapshot.h"

#include <gtest/gtest.h>

#include <set>

namespace lab {
namespace {

TEST(MetricTable, has_every_name_once_with_a_unit_at_its_end) {
  std::set<std::string_view> names;
  for (const Metric& metric : sampled_metrics()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_FALSE(metric.meaning.empty()) << metric.name;
    const std::string_view ending = metric.unit == "byte"      ? "_bytes"
                                    : metric.unit == "ns"      ? "_ns"
                                    : metric.unit == "address" ? "_address"
                                    : metric.unit == "count"   ? "_count"
                                                               : "_checksum";
    EXPECT_TRUE(metric.name.ends_with(ending)) << metric.name;
  }
}

TEST(MetricTable, finds_a_metric_by_name) {
  EXPECT_EQ(sampled_metrics()[static_cast<std::size_t>(sampled_index("brk_calls_count"))].name,
            "brk_calls_count");
  EXPECT_EQ(sampled_index("no_such_count"), -1);
}

constexpr int kFaults = index_of("minor_faults_count");
constexpr int kRss = index_of("rss_bytes");
constexpr int kPeak = index_of("rss_peak_bytes");
constexpr int kUser = index_of("user_ns");
constexpr int kKernel = index_of("kernel_ns");

TEST(Phase, takes_the_difference_of_counters_and_the_end_of_all_else) {
  Snapshot before, after;
  for (const int metric : {kFaults, kRss, kPeak}) {
    before.set(metric, 100);
    after.set(metric, 123);
  }
  const Snapshot phase = phase_between(before, after);
  EXPECT_EQ(phase.get(kFaults), 23);
  EXPECT_EQ(phase.get(kRss), 123);
  EXPECT_EQ(phase.get(kPeak), 123);
}

TEST(Phase, has_no_value_where_a_reading_is_missing) {
  Snapshot before, after;
  after.set(kFaults, 5);
  before.set(kRss, 7);
  const Snapshot phase = phase_between(before, after);
  EXPECT_FALSE(phase.get(kFaults));
  EXPECT_FALSE(phase.get(kRss));
}

TEST(Phase, splits_user_and_kernel_time_only_from_one_second_of_cpu_on) {
  Snapshot before, after;
  before.set(kUser, 0);
  before.set(kKernel, 0);
  after.set(kUser, 900'000'000);
  after.set(kKernel, 90'000'000);
  EXPECT_FALSE(phase_between(before, after).get(kUser));
  EXPECT_FALSE(phase_between(before, after).get(kKernel));
  after.set(kKernel, 100'000'000);
  EXPECT_EQ(phase_between(before, after).get(kUser), 900'000'000);
  EXPECT_EQ(phase_between(before, after).get(kKernel), 100'000'000);
}

}  // namespace
}  // namespace lab
