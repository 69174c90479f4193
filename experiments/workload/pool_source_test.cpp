#include "experiments/workload/pool_source.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(CountingResource, counts_what_reaches_the_allocator) {
  FakeContext lab;
  RequestLog log;
  CountingResource resource(log);
  void* block = resource.allocate(100, 16);
  log.report(lab);
  EXPECT_EQ(lab.allocations, 1);
  EXPECT_EQ(lab.live_bytes, 112);
  resource.deallocate(block, 100, 16);
  log.report(lab);
  EXPECT_EQ(lab.frees, 1);
  EXPECT_EQ(lab.live_bytes, 0);
}

TEST(CountingResource, aligns_as_asked) {
  RequestLog log;
  CountingResource resource(log);
  void* block = resource.allocate(100, 256);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 256, 0u);
  resource.deallocate(block, 100, 256);
}

template <class Source>
std::int64_t calls_for_a_thousand_objects() {
  FakeContext lab;
  RequestLog log;
  {
    Source source(log);
    void* objects[1000];
    for (void*& object : objects) object = source.take(64);
    for (void* object : objects) source.give_back(object, 64);
    source.end_of_request();
    log.report(lab);
    EXPECT_EQ(lab.live_bytes, 0);
  }
  return lab.allocations;
}

TEST(MallocSource, asks_for_every_object) {
  EXPECT_EQ(calls_for_a_thousand_objects<MallocSource>(), 1000);
}

TEST(MonotonicSource, asks_seldom_and_gives_all_back) {
  EXPECT_LT(calls_for_a_thousand_objects<MonotonicSource>(), 50);
}

TEST(RegionSource, asks_for_chunks_and_keeps_one_of_them) {
  FakeContext lab;
  RequestLog log;
  {
    RegionSource source(log);
    for (int i = 0; i < 4000; ++i) source.take(64);  // 250 KiB: chunks of 64, 128 and 256 KiB
    log.report(lab);
    EXPECT_EQ(lab.allocations, 1 + 3);
    source.end_of_request();
    log.report(lab);
    EXPECT_EQ(lab.frees, 2);
    EXPECT_EQ(lab.live_blocks, 2);
  }
  log.report(lab);
  EXPECT_EQ(lab.live_blocks, 0);
  EXPECT_EQ(lab.live_bytes, 0);
}

}  // namespace
}  // namespace lab
