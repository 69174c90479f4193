#include "experiments/workload/request_log.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(RequestLog, counts_every_kind_of_request) {
  FakeContext lab;
  RequestLog log;
  void* first = log.malloc(100);
  void* second = log.calloc(50);
  first = log.realloc(first, 100, 300);
  log.report(lab);
  EXPECT_EQ(lab.allocations, 3);
  EXPECT_EQ(lab.frees, 1);
  EXPECT_EQ(lab.live_bytes, 350);
  EXPECT_EQ(lab.live_blocks, 2);
  log.free(first, 300);
  log.free(second, 50);
  log.report(lab);
  EXPECT_EQ(lab.frees, 3);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(RequestLog, the_checksum_ignores_order_and_sees_sizes) {
  RequestLog forward, backward, other;
  for (std::size_t bytes : {1, 2, 3}) forward.note_allocation(bytes);
  for (std::size_t bytes : {3, 2, 1}) backward.note_allocation(bytes);
  for (std::size_t bytes : {2, 2, 2}) other.note_allocation(bytes);
  FakeContext first, second, third;
  forward.report(first);
  backward.report(second);
  other.report(third);
  EXPECT_EQ(first.checksum, second.checksum);
  EXPECT_NE(first.checksum, third.checksum);
}

TEST(RequestLog, adding_a_thread_s_log_moves_its_counts) {
  RequestLog total, worker;
  worker.note_allocation(10);
  total.add(worker);
  EXPECT_EQ(total.live_bytes(), 10);
  EXPECT_EQ(worker.live_bytes(), 0);
}

}  // namespace
}  // namespace lab
