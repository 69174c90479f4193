#include "experiments/workload/request_log.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(RequestLog, counts_every_kind_of_request) {
  FakeContext lab;
  RequestLog heap;
  void* first = heap.malloc(100);
  void* second = heap.calloc(50);
  void* third = heap.aligned_alloc(64, 128);
  first = heap.realloc(first, 100, 300);
  heap.report(lab);
  EXPECT_EQ(lab.allocations, 4);
  EXPECT_EQ(lab.frees, 1);
  EXPECT_EQ(lab.live_bytes, 478);
  EXPECT_EQ(lab.live_blocks, 3);
  heap.free(first, 300);
  heap.free(second, 50);
  heap.free(third, 128);
  heap.report(lab);
  EXPECT_EQ(lab.frees, 4);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(RequestLog, the_checksum_sees_sizes_and_not_their_order) {
  FakeContext first, second, third;
  RequestLog forward, backward, other;
  for (std::size_t bytes : {1, 2, 3}) forward.note_allocation(bytes);
  for (std::size_t bytes : {3, 2, 1}) backward.note_allocation(bytes);
  for (std::size_t bytes : {2, 2, 2}) other.note_allocation(bytes);
  forward.report(first);
  backward.report(second);
  other.report(third);
  EXPECT_EQ(first.checksum, second.checksum);
  EXPECT_NE(first.checksum, third.checksum);
}

TEST(RequestLog, adding_moves_the_counts_of_a_thread) {
  RequestLog total, worker;
  worker.note_allocation(10);
  total.add(worker);
  EXPECT_EQ(total.live_bytes(), 10);
  EXPECT_EQ(worker.live_bytes(), 0);
}

}  // namespace
}  // namespace lab
