#include "experiments/workload/request_server.h"

#include <gtest/gtest.h>

#include "experiments/workload/fake_context.h"

namespace lab {
namespace {

using Server = RequestServer<MallocSource>;

TEST(RequestServer, asks_malloc_for_every_object_and_a_session_block) {
  for (const std::uint64_t early_percent : {0, 50, 100}) {
    FakeContext lab;
    RequestLog log;
    MallocSource source(log);
    Server server(lab, 30, early_percent);
    server.serve(lab, source, log, 100);
    EXPECT_EQ(lab.allocations, 100 * 31);
    EXPECT_LE(lab.live_blocks, static_cast<std::int64_t>(Server::kSessionBlocks));
    EXPECT_EQ(lab.live_bytes, lab.live_blocks * static_cast<std::int64_t>(Server::kSessionBytes));
  }
}

TEST(RequestServer, asks_only_for_session_blocks_once_a_region_has_grown) {
  FakeContext lab;
  RequestLog log;
  RegionSource source(log);
  RequestServer<RegionSource> server(lab, 200, 50);
  server.serve(lab, source, log, Server::kSessionBlocks);
  lab.allocations = 0;
  server.serve(lab, source, log, 100);
  EXPECT_EQ(lab.allocations, 100);
}

}  // namespace
}  // namespace lab
