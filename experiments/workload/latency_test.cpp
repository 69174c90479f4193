#include "experiments/workload/latency.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(quantile_ns, tells_the_floor_of_the_bucket_that_holds_the_rank) {
  Histogram histogram{};
  for (int i = 0; i < 99; ++i) histogram.add(10);
  histogram.add(1024);
  EXPECT_EQ(quantile_ns(histogram, 5000), 10);
  EXPECT_EQ(quantile_ns(histogram, 9900), 10);
  EXPECT_EQ(quantile_ns(histogram, 9901), 1024);
  EXPECT_EQ(quantile_ns(histogram, 10000), 1024);
}

TEST(quantile_ns, of_nothing_is_zero) {
  const Histogram histogram{};
  EXPECT_EQ(quantile_ns(histogram, 5000), 0);
}

TEST(SlowCalls, a_fast_call_does_not_count) {
  FakeContext lab;
  SlowCalls slow;
  slow.begin();
  slow.note(SlowCalls::kSlowNs - 1);
  slow.report(lab);
  EXPECT_EQ(lab.observed["slow_faulted_count"] + lab.observed["slow_switched_count"] +
                lab.observed["slow_other_count"],
            0);
}

TEST(SlowCalls, a_slow_call_with_a_fault_is_a_faulted_one) {
  FakeContext lab;
  SlowCalls slow;
  auto* page = static_cast<volatile char*>(
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  slow.begin();
  page[0] = 1;
  slow.note(SlowCalls::kSlowNs);
  slow.report(lab);
  EXPECT_EQ(lab.observed["slow_faulted_count"], 1);
  EXPECT_EQ(lab.observed["slow_other_count"], 0);
}

TEST(now_ns, never_goes_back) {
  const std::uint64_t first = now_ns();
  EXPECT_GE(now_ns(), first);
}

}  // namespace
}  // namespace lab
