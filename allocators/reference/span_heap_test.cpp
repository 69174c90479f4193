#include "span_heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "extents.h"
#include "fake_os.h"
#include "knobs.h"

namespace reference {
namespace {

class SpanHeap : public testing::Test {
 protected:
  void SetUp() override {
    release();
    segments_before_ = span_heap::totals().segments;
  }
  void TearDown() override {
    knobs = saved_;
    fake_os.recover();
    release();
  }

  static void release() {
    span_heap::release_all();
    extents::release_all();
  }

  // Takes spans until a fresh segment is in use, so that what the test sees does not depend on
  // others.
  std::vector<Span*> take_segment() {
    std::vector<Span*> spans;
    for (unsigned i = 0; i < 3 * kUnitsPerSegment; ++i) {
      spans.push_back(span_heap::take(1));
      memset(start_of(spans.back()), 1, kUnitBytes);
    }
    return spans;
  }

  std::size_t segments_before_ = 0;
  Knobs saved_ = knobs;
};

TEST_F(SpanHeap, a_span_has_the_units_it_was_asked_for) {
  for (unsigned units = 1; units <= kMaxSpanUnits; ++units) {
    Span* span = span_heap::take(units);
    ASSERT_NE(span, nullptr);
    EXPECT_EQ(span->units, units);
    char* start = start_of(span);
    memset(start, 1, span->bytes());
    EXPECT_EQ(span_of(start + span->bytes() - 1), span);
    span_heap::give(span);
  }
}

TEST_F(SpanHeap, a_fresh_span_is_zero_and_a_used_one_is_not_called_so) {
  Span* span = span_heap::take(4);
  if (span->zero) {
    for (std::size_t at = 0; at < span->bytes(); at += 512) ASSERT_EQ(start_of(span)[at], 0);
  }
  memset(start_of(span), 1, span->bytes());
  span_heap::give(span);
  Span* again = span_heap::take(4);
  EXPECT_EQ(again, span) << "dirty spans are preferred";
  EXPECT_FALSE(again->zero);
  span_heap::give(again);
}

TEST_F(SpanHeap, a_released_span_reads_as_zero_again) {
  Span* pin = span_heap::take(1);
  Span* span = span_heap::take(4);
  memset(start_of(span), 1, span->bytes());
  span_heap::give(span);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().dirty_bytes, 0u);
  span = span_heap::take(4);
  EXPECT_TRUE(span->zero);
  EXPECT_EQ(*start_of(span), 0);
  span_heap::give(span);
  span_heap::give(pin);
}

TEST_F(SpanHeap, free_segments_are_unmapped_by_release) {
  auto spans = take_segment();
  EXPECT_GT(span_heap::totals().segments, segments_before_);
  for (Span* span : spans) span_heap::give(span);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().segments, segments_before_);
}

TEST_F(SpanHeap, memory_past_the_trim_threshold_is_purged_when_it_is_old) {
  knobs.trim_threshold_bytes = 0;
  knobs.purge_delay = 100;
  auto spans = take_segment();
  for (Span* span : spans) span_heap::give(span);
  EXPECT_GT(span_heap::totals().dirty_bytes, 0u) << "too young";
  fake_os.clock_ms += 100;
  span_heap::give(span_heap::take(1));
  EXPECT_LT(span_heap::totals().dirty_bytes, kSegmentBytes);
}

TEST_F(SpanHeap, memory_within_the_trim_threshold_stays) {
  knobs.trim_threshold_bytes = 1 << 30;
  knobs.purge_delay = 0;
  auto spans = take_segment();
  for (Span* span : spans) span_heap::give(span);
  fake_os.clock_ms += 1000;
  span_heap::give(span_heap::take(1));
  EXPECT_GE(span_heap::totals().dirty_bytes, spans.size() * kUnitBytes);
}

TEST_F(SpanHeap, ticks_can_drive_the_purge) {
  knobs.trim_threshold_bytes = 0;
  knobs.purge_delay = 50;
  knobs.purge_clock = Clock::ticks;
  auto spans = take_segment();
  for (Span* span : spans) span_heap::give(span);
  for (int i = 0; i < 50; ++i) span_heap::give(span_heap::take(1));
  EXPECT_LE(span_heap::totals().dirty_bytes, kSegmentBytes);
}

TEST_F(SpanHeap, a_span_grows_into_free_units_and_gives_its_tail_back) {
  Span* span = span_heap::take(4);
  EXPECT_TRUE(span_heap::resize(span, 2));
  EXPECT_EQ(span->units, 2);
  EXPECT_TRUE(span_heap::resize(span, 4));
  memset(start_of(span), 1, span->bytes());
  EXPECT_EQ(span_of(start_of(span) + 3 * kUnitBytes), span);
  span_heap::give(span);
}

TEST_F(SpanHeap, a_span_does_not_grow_into_its_neighbour) {
  auto spans = take_segment();
  Span* span = spans[spans.size() / 2];
  EXPECT_FALSE(span_heap::resize(span, 2));
  EXPECT_EQ(span->units, 1);
  for (Span* each : spans) span_heap::give(each);
}

TEST_F(SpanHeap, an_os_without_memory_gives_no_span_and_loses_none) {
  std::vector<Span*> spans;
  fake_os.fail_at(1, true);
  for (Span* span; (span = span_heap::take(8)) != nullptr;) spans.push_back(span);
  const std::size_t mapped = fake_os.mapped_bytes;
  fake_os.recover();
  Span* span = span_heap::take(8);
  EXPECT_NE(span, nullptr);
  span_heap::give(span);
  for (Span* each : spans) span_heap::give(each);
  span_heap::release_all();
  EXPECT_LE(fake_os.mapped_bytes, mapped);
}

TEST_F(SpanHeap, what_the_os_will_not_purge_stays_dirty) {
  auto spans = take_segment();
  Span* pin = spans.back();
  spans.pop_back();
  for (Span* span : spans) span_heap::give(span);
  fake_os.fail_at(1, true);
  span_heap::release_all();
  fake_os.recover();
  EXPECT_GT(span_heap::totals().dirty_bytes, 0u);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().dirty_bytes, 0u);
  span_heap::give(pin);
}

}  // namespace
}  // namespace reference
