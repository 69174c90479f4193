#include "experiments/workload/ring.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

// A ring of `threads`, each making 5000 blocks; returns the context that was told.
FakeContext told_after_a_ring_of(int threads, std::uint64_t remote_percent) {
  FakeContext lab;
  lab.params["workload"] = "allocate";
  const BlockSource source(lab, 0, RingThread::kLargestBytes);
  auto* queues = lab.scratch_array<HandOver>(static_cast<std::size_t>(threads));
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  team.run([&](int index) {
    RingThread{workers[index], source, queues[index], queues[(index + 1) % threads], 0}.work(
        5000, remote_percent);
  });
  workers.report(lab, source);
  return lab;
}

TEST(RingThread, frees_whatever_is_made_whoever_made_it) {
  for (const int threads : {1, 2, 3})
    for (const std::uint64_t remote_percent : {0, 50, 100}) {
      const FakeContext lab = told_after_a_ring_of(threads, remote_percent);
      EXPECT_EQ(lab.allocations, 5000 * threads);
      EXPECT_EQ(lab.frees, 5000 * threads);
      EXPECT_EQ(lab.live_bytes, 0);
    }
}

}  // namespace
}  // namespace lab
