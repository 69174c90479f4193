#include "harness/sample/field_file.h"

#include <gtest/gtest.h>

#include "harness/sample/cgroup_reader.h"
#include "harness/sample/system_reader.h"
#include "harness/sample/test_child.h"

namespace lab {
namespace {

constexpr std::int64_t kKiB = 1024;

std::optional<std::int64_t> value(const Snapshot& snapshot, std::string_view name) {
  return snapshot.get(sampled_index(name));
}

TEST(SmapsRollup, of_a_current_kernel_gives_every_metric) {
  const FieldTable table("smaps_rollup");
  FieldFile file(testdata("proc/smaps_rollup"), table);
  Snapshot snapshot;
  Nulls nulls;
  file.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "rss_bytes"), 2148 * kKiB);
  EXPECT_EQ(value(snapshot, "rss_anon_bytes"), 1220 * kKiB);
  EXPECT_EQ(value(snapshot, "uss_bytes"), (64 + 1164) * kKiB);
  EXPECT_EQ(value(snapshot, "lazy_free_bytes"), 64 * kKiB);
  EXPECT_EQ(value(snapshot, "pss_file_bytes"), 67 * kKiB);
  EXPECT_EQ(value(snapshot, "swap_bytes"), 0);
  EXPECT_TRUE(nulls.empty());
}

TEST(SmapsRollup, of_an_older_kernel_leaves_missing_fields_absent_and_says_so) {
  const FieldTable table("smaps_rollup");
  FieldFile file(testdata("proc/older/smaps_rollup"), table);
  Snapshot snapshot;
  Nulls nulls;
  file.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "rss_bytes"), 748 * kKiB);
  EXPECT_FALSE(value(snapshot, "pss_anon_bytes"));
  EXPECT_NE(nulls.at("pss_anon_bytes").find("no such field"), std::string::npos);
}

TEST(FieldTable, gives_no_sum_when_a_part_is_missing) {
  Snapshot snapshot;
  FieldTable("smaps_rollup").parse("Private_Dirty: 4 kB\n", snapshot);
  EXPECT_FALSE(value(snapshot, "uss_bytes"));
  FieldTable("smaps_rollup").parse("Private_Clean: 1 kB\nPrivate_Dirty: 4 kB\n", snapshot);
  EXPECT_EQ(value(snapshot, "uss_bytes"), 5 * kKiB);
}

TEST(Status, of_a_zombie_has_no_sizes) {
  const FieldTable table("status");
  FieldFile file(testdata("proc/older/status"), table);
  Snapshot snapshot;
  Nulls nulls;
  file.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "threads_count"), 1);
  EXPECT_FALSE(value(snapshot, "vsz_bytes"));
  EXPECT_TRUE(nulls.contains("vsz_bytes"));
}

TEST(FieldFile, that_does_not_exist_is_the_reason_for_all_its_metrics) {
  const FieldTable table("io");
  FieldFile file("/proc/0/io", table);
  Snapshot snapshot;
  Nulls nulls;
  file.read(snapshot, nulls);
  EXPECT_EQ(nulls.at("read_chars_bytes"), "/proc/0/io: No such file or directory");
}

TEST(SystemFiles, as_captured_are_understood) {
  SystemReader reader(testdata("proc"));
  Snapshot snapshot;
  Nulls nulls;
  reader.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "system_mem_free_bytes"), 23162416 * kKiB);
  EXPECT_EQ(value(snapshot, "system_pgscan_direct_count"), 0);
  EXPECT_EQ(value(snapshot, "system_free_order_0_count"), 1 + 1488);
  EXPECT_EQ(value(snapshot, "system_slab_maple_node_bytes"), 74 * 4096);
  EXPECT_EQ(value(snapshot, "system_slab_anon_vma_bytes"), 15 * 4096);
  EXPECT_TRUE(nulls.empty()) << nulls.begin()->first;
}

class BothCgroupVersions : public testing::TestWithParam<const char*> {};

TEST_P(BothCgroupVersions, give_the_same_metrics) {
  CgroupReader reader(testdata(GetParam()));
  Snapshot snapshot;
  Nulls nulls;
  reader.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "cgroup_anon_bytes"), 20971520);
  EXPECT_EQ(value(snapshot, "cgroup_file_bytes"), 8388608);
  EXPECT_EQ(value(snapshot, "cgroup_anon_huge_bytes"), 2097152);
  EXPECT_EQ(value(snapshot, "cgroup_swap_bytes"), 4096);
  EXPECT_EQ(value(snapshot, "cgroup_faults_count"), 12345);
  for (const Metric& metric : kCgroupMetrics)
    EXPECT_TRUE(value(snapshot, metric.name)) << metric.name;
  EXPECT_TRUE(nulls.empty()) << nulls.begin()->first;
}

INSTANTIATE_TEST_SUITE_P(, BothCgroupVersions, testing::Values("cgroup_v1", "cgroup_v2"));

TEST(Cgroup, of_version_2_counts_oom_kills_and_limit_hits) {
  CgroupReader reader(testdata("cgroup_v2"));
  Snapshot snapshot;
  Nulls nulls;
  reader.read(snapshot, nulls);
  EXPECT_EQ(value(snapshot, "cgroup_oom_kills_count"), 1);
  EXPECT_EQ(value(snapshot, "cgroup_limit_hits_count"), 17);
  EXPECT_EQ(value(snapshot, "cgroup_memory_peak_bytes"), 41943040);
}

TEST(Cgroup, that_is_gone_is_a_reason_and_not_a_zero) {
  CgroupReader reader("/nowhere");
  Snapshot snapshot;
  Nulls nulls;
  reader.read(snapshot, nulls);
  for (const Metric& metric : kCgroupMetrics) {
    EXPECT_FALSE(value(snapshot, metric.name)) << metric.name;
    EXPECT_TRUE(nulls.contains(metric.name)) << metric.name;
  }
}

}  // namespace
}  // namespace lab
