#include "experiments/workload/waiting.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

TEST(Waiting, makes_requests_only_when_busy_and_frees_them_all) {
  for (const char* wait : {"idle", "tick", "busy"}) {
    FakeContext lab;
    lab.params["wait"] = wait;
    Waiting(lab).pass(lab, 3);
    EXPECT_EQ(lab.allocations, lab.is("wait", "busy") ? 3 * 64 : 0) << wait;
    EXPECT_EQ(lab.frees, lab.allocations);
    EXPECT_EQ(lab.live_bytes, 0);
  }
}

}  // namespace
}  // namespace lab
