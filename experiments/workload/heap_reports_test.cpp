#include "experiments/workload/heap_reports.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

constexpr char kXml[] = R"(<malloc version="1">
<heap nr="0"><total type="fast" count="1" size="32"/><system type="current" size="1000"/></heap>
<total type="fast" count="2" size="64"/>
<total type="rest" count="3" size="936"/>
<total type="mmap" count="1" size="4096"/>
<system type="current" size="5000"/>
<system type="max" size="6000"/>
</malloc>)";

constexpr char kText[] = R"(Arena 0:
system bytes     =       1000
in use bytes     =        900
Total (incl. mmap):
system bytes     =       5096
in use bytes     =       4996
max mmap regions =          1
)";

TEST(HeapReports, the_totals_of_malloc_info_are_those_after_the_last_heap) {
  HeapReport report{};
  ASSERT_TRUE(parse_malloc_info(kXml, report));
  EXPECT_EQ(report.system_bytes, 5000 + 4096);
  EXPECT_EQ(report.in_use_bytes, 5000 - 64 - 936 + 4096);
}

TEST(HeapReports, a_malloc_info_without_fast_bins_is_read) {
  HeapReport report{};
  ASSERT_TRUE(parse_malloc_info(
      R"(<malloc version="1"><heap nr="0"><total type="rest" count="1" size="130048"/></heap>
<total type="rest" count="1" size="130048"/><total type="mmap" count="0" size="0"/>
<system type="current" size="135168"/></malloc>)",
      report));
  EXPECT_EQ(report.system_bytes, 135168);
  EXPECT_EQ(report.in_use_bytes, 135168 - 130048);
}

TEST(HeapReports, the_totals_of_malloc_stats_are_those_of_the_last_section) {
  HeapReport report{};
  ASSERT_TRUE(parse_malloc_stats(kText, report));
  EXPECT_EQ(report.system_bytes, 5096);
  EXPECT_EQ(report.in_use_bytes, 4996);
}

TEST(HeapReports, a_report_without_totals_is_refused) {
  HeapReport report{};
  EXPECT_FALSE(parse_malloc_info("<malloc/>", report));
  EXPECT_FALSE(parse_malloc_stats("Arena 0:", report));
}

TEST(HeapReports, every_report_sees_a_large_block) {
  FakeContext lab;
  HeapReports reports(lab);
  const HeapReport before[] = {reports.mallinfo(), reports.malloc_info(), reports.malloc_stats()};
  void* volatile block = std::malloc(8 << 20);
  const HeapReport after[] = {reports.mallinfo(), reports.malloc_info(), reports.malloc_stats()};
  for (int i = 0; i < 3; ++i)
    EXPECT_GE(after[i].in_use_bytes - before[i].in_use_bytes, 8 << 20) << "report " << i;
  std::free(block);
}

}  // namespace
}  // namespace lab
