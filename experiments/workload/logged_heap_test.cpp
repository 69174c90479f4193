#include "experiments/workload/logged_heap.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(LoggedHeap, counts_every_kind_of_request) {
  FakeContext lab;
  LoggedHeap heap;
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

TEST(LoggedHeap, the_checksum_sees_the_sizes) {
  FakeContext first, second;
  for (FakeContext* lab : {&first, &second}) {
    LoggedHeap heap;
    const std::size_t bytes = lab == &first ? 100 : 101;
    heap.free(heap.malloc(bytes), bytes);
    heap.report(*lab);
  }
  EXPECT_NE(first.checksum, second.checksum);
}

}  // namespace
}  // namespace lab
