#include "span_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "extents.h"
#include "fake_os.h"
#include "knobs.h"
#include "os.h"

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
      memset(spans.back()->start, 1, kUnitBytes);
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
    char* start = span->start;
    memset(start, 1, span->bytes());
    EXPECT_EQ(span_of(start), span);
    EXPECT_EQ(span_of(start + span->bytes() - 1), span);
    EXPECT_EQ(unit_of(start + span->bytes() - 1).size_class, kNoClass);
    EXPECT_EQ(span->kind, SpanKind::free);
    EXPECT_EQ(owner_of(span), nullptr);
    span_heap::give(span);
  }
}

TEST_F(SpanHeap, a_fresh_span_is_zero_and_a_used_one_is_not_called_so) {
  Span* span = span_heap::take(4);
  if (span->zero) {
    for (std::size_t at = 0; at < span->bytes(); at += 512) ASSERT_EQ(span->start[at], 0);
  }
  memset(span->start, 1, span->bytes());
  span_heap::give(span);
  Span* again = span_heap::take(4);
  EXPECT_EQ(again, span) << "dirty spans are preferred";
  EXPECT_FALSE(again->zero);
  span_heap::give(again);
}

TEST_F(SpanHeap, a_released_span_reads_as_zero_again) {
  Span* pin = span_heap::take(1);
  Span* span = span_heap::take(4);
  memset(span->start, 1, span->bytes());
  span_heap::give(span);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().dirty_bytes, 0u);
  span = span_heap::take(4);
  EXPECT_TRUE(span->zero);
  EXPECT_EQ(*span->start, 0);
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
  memset(span->start, 1, span->bytes());
  EXPECT_EQ(span_of(span->start + 3 * kUnitBytes), span);
  span_heap::give(span);
}

TEST_F(SpanHeap, the_units_a_span_grows_into_lead_to_it_and_are_nobodys) {
  auto* owner = reinterpret_cast<ThreadCache*>(0x1000);  // never looked into
  Span* span = span_heap::take(4);
  EXPECT_TRUE(span_heap::resize(span, 2));
  Span* behind = span_heap::take(1);  // perhaps where the span grows
  describe(behind, owner, 5);
  span_heap::give(behind);
  EXPECT_TRUE(span_heap::resize(span, 4));
  for (unsigned unit = 0; unit < 4; ++unit) {
    const char* in_unit = span->start + unit * kUnitBytes + 1;
    EXPECT_EQ(span_of(in_unit), span);
    EXPECT_EQ(unit_of(in_unit).owner.load(), nullptr);
    EXPECT_EQ(unit_of(in_unit).size_class, kNoClass);
  }
  span_heap::give(span);
}

TEST_F(SpanHeap, a_description_reaches_every_unit_of_its_span_and_no_other) {
  auto* owner = reinterpret_cast<ThreadCache*>(0x1000);  // never looked into
  auto spans = take_segment();
  Span* span = spans[spans.size() / 2];
  describe(span, owner, 5);
  for (Span* each : spans) {
    EXPECT_EQ(owner_of(each), each == span ? owner : nullptr);
    EXPECT_EQ(unit_of(each).size_class, each == span ? 5 : kNoClass);
  }
  for (Span* each : spans) span_heap::give(each);
  span = span_heap::take(3);
  describe(span, owner, 5);
  for (unsigned unit = 0; unit < 3; ++unit)
    EXPECT_EQ(unit_of(span->start + unit * kUnitBytes + 1).owner.load(), owner);
  describe(span, nullptr, kNoClass);
  EXPECT_EQ(owner_of(span), nullptr);
  span_heap::give(span);
}

TEST_F(SpanHeap, the_totals_count_every_unit_behind_the_headers) {
  auto spans = take_segment();
  const auto full = span_heap::totals();
  for (Span* span : spans) span_heap::give(span);
  const auto empty = span_heap::totals();
  EXPECT_EQ(empty.segments, full.segments);
  EXPECT_EQ(empty.free_bytes, full.free_bytes + spans.size() * kUnitBytes);
  EXPECT_GE(empty.free_bytes, empty.dirty_bytes);
}

TEST_F(SpanHeap, every_span_in_use_is_visited) {
  auto spans = take_segment();
  span_heap::give(spans.back());
  spans.pop_back();
  spans.push_back(span_heap::take(7));
  std::vector<Span*> seen;
  const auto see = [](Segment*, Span* span, void* context) {
    static_cast<std::vector<Span*>*>(context)->push_back(span);
  };
  seen.reserve(2 * spans.size() + 4096);
  span_heap::for_each_span(see, &seen);
  for (Span* span : spans) EXPECT_EQ(std::count(seen.begin(), seen.end(), span), 1);
  for (Span* span : spans) span_heap::give(span);
}

TEST_F(SpanHeap, with_checks_on_the_header_is_longer_and_its_map_empty) {
  if (segments_before_ != 0) GTEST_SKIP() << "needs a heap without segments";
  knobs.check_level = 1;
  bool zero;
  void* used = extents::take(kSegmentBytes, zero);
  memset(used, 1, kSegmentBytes);
  extents::give(used, kSegmentBytes);
  auto spans = take_segment();
  bool was_reused = false;
  for (Span* span : spans) {
    EXPECT_GE(span->first, header_units());
    char* header = reinterpret_cast<char*>(segment_of(span));
    if (header == used) was_reused = true;
    for (std::size_t at = kUnitBytes; at < header_units() * kUnitBytes; at += 512)
      ASSERT_EQ(header[at], 0);
  }
  EXPECT_TRUE(was_reused);
  for (Span* span : spans) span_heap::give(span);
  release();
  EXPECT_EQ(span_heap::totals().segments, 0u);
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

// Segments from brk. The tests touch the break themselves, so they must not allocate meanwhile.
class BrkSegments : public SpanHeap {
 protected:
  static constexpr std::size_t kSpans = 6;  // of half a segment: one fits into each

  void SetUp() override {
    SpanHeap::SetUp();
    knobs.source = Source::brk;
  }

  void take_all() {
    for (Span*& span : spans_) {
      span = span_heap::take(kMaxSpanUnits);
      memset(span->start, 1, span->bytes());
    }
  }
  // In steps over the segments: 1 gives the first taken first, 6 the last, others mix them.
  void give_all(std::size_t step) {
    for (std::size_t i = 0; i < kSpans; ++i)
      span_heap::give(spans_[(i + 1) * step % (kSpans + 1) - 1]);
  }

  Span* spans_[kSpans] = {};
};

TEST_F(BrkSegments, come_and_go_in_any_order) {
  for (std::size_t step = 1; step <= kSpans; ++step) {
    const std::size_t segments = span_heap::totals().segments;
    take_all();
    char* const top = static_cast<char*>(os.move_break(0));
    EXPECT_EQ(top, reinterpret_cast<char*>(segment_of(spans_[kSpans - 1])) + kSegmentBytes);
    EXPECT_GT(span_heap::totals().segments, segments);
    give_all(step);
    span_heap::release_all();
    EXPECT_EQ(span_heap::totals().segments, segments) << "step " << step;
    EXPECT_LT(os.move_break(0), top);
  }
}

TEST_F(BrkSegments, what_brk_cannot_take_back_stays_usable) {
  const std::size_t segments = span_heap::totals().segments;
  take_all();
  const std::size_t taken = span_heap::totals().segments;
  os.move_break(4096);  // the program's own
  give_all(1);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().segments, taken);
  EXPECT_EQ(span_heap::totals().dirty_bytes, 0u) << "purged instead";
  EXPECT_EQ(extents::kept_bytes(), 0u) << "no direct block may get it";
  for (Span*& span : spans_) {
    span = span_heap::take(kMaxSpanUnits);
    EXPECT_TRUE(span->zero);
    EXPECT_EQ(*span->start, 0);
  }
  EXPECT_EQ(span_heap::totals().segments, taken);
  give_all(3);
  os.move_break(-4096);
  span_heap::release_all();
  EXPECT_EQ(span_heap::totals().segments, segments);
}

TEST_F(BrkSegments, are_mapped_when_brk_refuses) {
  take_all();
  fake_os.fail_at(1, false);
  Span* span = span_heap::take(kMaxSpanUnits);
  fake_os.recover();
  ASSERT_NE(span, nullptr);
  memset(span->start, 1, span->bytes());
  span_heap::give(span);
  give_all(1);
}

}  // namespace
}  // namespace reference
