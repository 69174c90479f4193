#include "knobs.h"

#include <gtest/gtest.h>

namespace reference {
namespace {

Knobs read(const char* setting) {
  char text[100];
  snprintf(text, sizeof text, "%s", setting);
  char* environment[] = {const_cast<char*>("HOME=/"), text, nullptr};
  Knobs knobs_read;
  read_knobs(environment, knobs_read);
  return knobs_read;
}

TEST(Knobs, bytes_take_suffixes) {
  EXPECT_EQ(read("ALLOCLAB_TRIM_THRESHOLD=12345").trim_threshold_bytes, 12345u);
  EXPECT_EQ(read("ALLOCLAB_TRIM_THRESHOLD=64k").trim_threshold_bytes, 64u << 10);
  EXPECT_EQ(read("ALLOCLAB_THREAD_CACHE=3M").thread_cache_bytes, 3u << 20);
  EXPECT_EQ(read("ALLOCLAB_THREAD_CACHE=1g").thread_cache_bytes, 1u << 30);
}

TEST(Knobs, a_fixed_mmap_threshold_does_not_adapt) {
  EXPECT_TRUE(read("ALLOCLAB_MMAP_THRESHOLD=adaptive").mmap_threshold_adapts);
  const Knobs fixed = read("ALLOCLAB_MMAP_THRESHOLD=128k");
  EXPECT_FALSE(fixed.mmap_threshold_adapts);
  EXPECT_EQ(fixed.mmap_threshold_bytes, 128u << 10);
  EXPECT_EQ(read("ALLOCLAB_MMAP_THRESHOLD=1").mmap_threshold_bytes, 4096u)
      << "the least threshold is a page";
}

TEST(Knobs, the_purge_delay_counts_milliseconds_or_ticks_or_never_ends) {
  EXPECT_EQ(read("ALLOCLAB_PURGE_DELAY=never").purge_delay, Knobs::kNever);
  EXPECT_EQ(read("ALLOCLAB_PURGE_DELAY=0").purge_delay, 0u);
  EXPECT_EQ(read("ALLOCLAB_PURGE_DELAY=250ms").purge_delay, 250u);
  const Knobs ticks = read("ALLOCLAB_PURGE_DELAY=40ticks");
  EXPECT_EQ(ticks.purge_delay, 40u);
  EXPECT_EQ(ticks.purge_clock, Clock::ticks);
}

TEST(Knobs, names_of_sources_and_flags_are_read) {
  EXPECT_EQ(read("ALLOCLAB_SOURCE=brk").source, Source::brk);
  EXPECT_EQ(read("ALLOCLAB_SOURCE=mmap").source, Source::mmap);
  EXPECT_TRUE(read("ALLOCLAB_HUGE_PAGES=1").huge_pages);
  EXPECT_EQ(read("ALLOCLAB_CHECK=2").check_level, 2);
}

class BadKnob : public testing::TestWithParam<const char*> {};

TEST_P(BadKnob, is_reported_and_changes_nothing) {
  testing::internal::CaptureStderr();
  const Knobs knobs_read = read(GetParam());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("ignored"), std::string::npos);
  const Knobs defaults;
  EXPECT_EQ(knobs_read.trim_threshold_bytes, defaults.trim_threshold_bytes);
  EXPECT_EQ(knobs_read.mmap_threshold_adapts, defaults.mmap_threshold_adapts);
  EXPECT_EQ(knobs_read.purge_delay, defaults.purge_delay);
  EXPECT_EQ(knobs_read.source, defaults.source);
  EXPECT_EQ(knobs_read.check_level, defaults.check_level);
}

INSTANTIATE_TEST_SUITE_P(
    Knobs, BadKnob,
    testing::Values("ALLOCLAB_TRIM_THRESHOLD=", "ALLOCLAB_TRIM_THRESHOLD=-1",
                    "ALLOCLAB_TRIM_THRESHOLD=1x", "ALLOCLAB_TRIM_THRESHOLD=1kb",
                    "ALLOCLAB_TRIM_THRESHOLD=99999999999999999999",
                    "ALLOCLAB_TRIM_THRESHOLD=99999999999g", "ALLOCLAB_MMAP_THRESHOLD=often",
                    "ALLOCLAB_PURGE_DELAY=soon", "ALLOCLAB_PURGE_DELAY=5s", "ALLOCLAB_SOURCE=disk",
                    "ALLOCLAB_CHECK=3", "ALLOCLAB_CHECK=11"));

TEST(Knobs, a_complaint_is_one_line_that_names_the_knob_and_what_is_wanted) {
  testing::internal::CaptureStderr();
  read("ALLOCLAB_SOURCE=disk");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "alloclab reference: ALLOCLAB_SOURCE ignored: want \"mmap\" or \"brk\"\n");
}

TEST(Knobs, other_names_are_left_alone) {
  testing::internal::CaptureStderr();
  read("ALLOCLAB_UNRELATED=1");
  read("ALLOCLAB_CHECKS=9");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace reference
