#include "allocators/glibc/reports.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <map>
#include <string>

namespace lab::glibc_reports {
namespace {

constexpr std::string_view kInfo = R"(<malloc version="1">
<heap nr="0">
<sizes>
  <size from="17" to="32" total="64" count="2"/>
</sizes>
<total type="fast" count="2" size="64"/>
<total type="rest" count="1" size="5000"/>
<system type="current" size="135168"/>
<system type="max" size="135168"/>
</heap>
<total type="fast" count="2" size="64"/>
<total type="rest" count="3" size="7000"/>
<total type="mmap" count="1" size="1052672"/>
<system type="current" size="270336"/>
<system type="max" size="270337"/>
</malloc>
)";

constexpr std::string_view kStats = R"(Arena 0:
system bytes     =     135168
in use bytes     =       2000
Total (incl. mmap):
system bytes     =    1187840
in use bytes     =    1054672
max mmap regions =          1
)";

TEST(GlibcReports, totals_are_read_from_the_end_of_malloc_info) {
  EXPECT_EQ(number_after(kInfo, "</heap>\n<total type=\"fast\"", "size"), 64);
  EXPECT_EQ(number_after(kInfo, "<total type=\"rest\"", "size"), 7000);
  EXPECT_EQ(number_after(kInfo, "<system type=\"current\"", "size"), 270336);
}

TEST(GlibcReports, totals_of_malloc_stats_include_mmap) {
  EXPECT_EQ(number_after(kStats, "Total (incl. mmap)", "system bytes"), 1187840);
  EXPECT_EQ(number_after(kStats, "Total (incl. mmap)", "in use bytes"), 1054672);
}

TEST(GlibcReports, what_is_missing_is_nothing_not_zero) {
  EXPECT_EQ(number_after(kStats, "Total of another kind", "system bytes"), std::nullopt);
  EXPECT_EQ(number_after(kStats, "Total (incl. mmap)", "fast bytes"), std::nullopt);
  EXPECT_EQ(number_after("Total: in use bytes =", "Total", "in use bytes"), std::nullopt);
  EXPECT_EQ(number_after("", "Total", "in use bytes"), std::nullopt);
}

class MapSink : public StatisticsSink {
 public:
  void put(std::string_view metric, std::int64_t value) override {
    values[std::string(metric)] = value;
  }
  std::map<std::string, std::int64_t> values;
};

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // a sanitizer is an allocator
TEST(GlibcReports, three_reports_of_one_heap_see_a_block_served_by_mmap) {
  constexpr std::int64_t kBytes = 40 << 20;
  MapSink before, after;
  put_all(before);
  void* volatile block = std::malloc(kBytes);  // volatile: or the compiler leaves it out
  put_all(after);
  std::free(block);
  EXPECT_EQ(after.values.size(), std::size(kMetrics) + 3);
  for (const char* metric : {"glibc_hblkhd_bytes", "glibc_info_mmap_bytes",
                             "glibc_stats_in_use_bytes", "allocator_live_bytes"}) {
    const std::int64_t grown = after.values[metric] - before.values[metric];
    EXPECT_GE(grown, kBytes) << metric;
    EXPECT_LT(grown, kBytes + (64 << 10)) << metric;
  }
}
#endif

TEST(GlibcReports, standard_error_is_itself_again_afterwards) {
  testing::internal::CaptureStderr();
  MapSink sink;
  put_all(sink);
  std::fputs("after", stderr);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "after");
}

}  // namespace
}  // namespace lab::glibc_reports
