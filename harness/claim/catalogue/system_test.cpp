#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kStep = 128 << 20;

// meminfo after one step: what each field is above an arbitrary level, in steps of 128 MiB.
struct Level {
  int free, available, cached, buffers = 0;
};

FakeRun machine(Level written, Level evicted, Level read, Level shared) {
  FakeRun run;
  run.start("system_cached_bytes", 0);
  const auto at = [&](const char* phase, const Level& level) {
    run.phase(phase).set("system_mem_free_bytes", level.free * kStep);
    run.set("system_mem_available_bytes", level.available * kStep);
    run.set("system_cached_bytes", level.cached * kStep);
    run.set("system_buffers_bytes", level.buffers * kStep);
  };
  at("write_file", written), at("evict_file", evicted), at("read_file", read);
  at("write_shared", shared);
  return run;
}

TEST(available_total_minus_used, cache_that_stays_available_refutes) {
  const FakeRun lost = machine({9, 9, 1}, {9, 9, 0}, {8, 8, 1}, {7, 7, 2});
  const FakeRun kept = machine({8, 9, 1}, {9, 9, 0}, {8, 9, 1}, {7, 8, 2});
  EXPECT_EQ(verdict_of("available-total-minus-used", "page_cache", {&lost}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("available-total-minus-used", "page_cache", {&kept}), Verdict::refuted);
}

TEST(free_available, the_sum_must_move_as_available_does) {
  const FakeRun equal = machine({8, 9, 1}, {9, 9, 0}, {8, 9, 1}, {7, 9, 2});
  const FakeRun apart = machine({8, 9, 1}, {9, 9, 0}, {8, 8, 1}, {7, 7, 2});
  for (const auto part : {"page_cache", "shared_memory"}) {
    EXPECT_EQ(verdict_of("free-available", part, {&equal}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("free-available", part, {&apart}), Verdict::refuted);
  }
}

TEST(buffers_vs_cache, files_in_buffers_refute) {
  const FakeRun cached = machine({8, 9, 1}, {9, 9, 0}, {8, 9, 1}, {7, 8, 2});
  const FakeRun buffered = machine({8, 9, 0, 1}, {9, 9, 0}, {8, 9, 0, 1}, {7, 8, 1});
  EXPECT_EQ(verdict_of("buffers-vs-cache", "files", {&cached}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("buffers-vs-cache", "files", {&buffered}), Verdict::refuted);
}

TEST(buffers_vs_cache, device_blocks_must_show_in_buffers) {
  const auto device = [](std::int64_t bytes) {
    FakeRun run;
    run.start("system_buffers_bytes", 0).phase("read_device").set("system_buffers_bytes", bytes);
    return run;
  };
  const FakeRun there = device(kStep), elsewhere = device(0);
  EXPECT_EQ(verdict_of("buffers-vs-cache", "devices", {&there}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("buffers-vs-cache", "devices", {&elsewhere}), Verdict::refuted);
}

FakeRun file_read(std::int64_t cached_pages, std::int64_t first, std::int64_t second) {
  FakeRun run;
  run.phase("write").set("cached_pages_count", 4096);
  run.phase("evict").set("cached_pages_count", 0);
  run.phase("first_read").set("cached_pages_count", cached_pages).set("read_bytes", first);
  run.set("read_chars_bytes", 4096 * 4096);
  run.phase("second_read").set("read_bytes", second).set("read_chars_bytes", 4096 * 4096);
  return run;
}

TEST(page_cache_hit, a_second_read_from_storage_refutes) {
  const FakeRun hit = file_read(4096, 4096 * 4096, 0),
                miss = file_read(0, 4096 * 4096, 4096 * 4096);
  for (const auto part : {"storage", "cachestat"}) {
    EXPECT_EQ(verdict_of("page-cache-hit", part, {&hit}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("page-cache-hit", part, {&miss}), Verdict::refuted);
  }
}

TEST(cache_per_process, counters_that_see_no_difference_refute) {
  const FakeRun told = file_read(4096, 4096 * 4096, 0), blind = file_read(4096, 0, 0);
  EXPECT_EQ(verdict_of("cache-per-process", "counters", {&told}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("cache-per-process", "counters", {&blind}), Verdict::refuted);
}

// `pages` leave the list of single pages while 2 GiB are touched; `slab` bytes hold 1000
// mappings.
FakeRun objects(std::int64_t pages, std::int64_t slab) {
  FakeRun run;
  for (int order = 0; order <= 10; ++order) {
    const std::string field = "system_free_order_" + std::to_string(order) + "_count";
    run.start(field, 200000);
  }
  run.phase("touch");
  for (int order = 0; order <= 10; ++order)
    run.set("system_free_order_" + std::to_string(order) + "_count",
            200000 - (order == 0 ? pages : 0));
  run.phase("unmap").set("system_slab_vm_area_bytes", 0).set("maps_count", 30);
  run.phase("split").set("system_slab_vm_area_bytes", slab).set("maps_count", 1030);
  return run;
}

TEST(buddy_slab, pages_that_come_from_elsewhere_refute) {
  const FakeRun taken = objects(180000, 160000), other = objects(100, 160000);
  EXPECT_EQ(verdict_of("buddy-slab", "buddy", {&taken}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("buddy-slab", "buddy", {&other}), Verdict::refuted);
}

TEST(buddy_slab, objects_without_slab_refute) {
  const FakeRun slab = objects(180000, 160000), none = objects(180000, 0);
  EXPECT_EQ(verdict_of("buddy-slab", "slab", {&slab}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("buddy-slab", "slab", {&none}), Verdict::refuted);
}

}  // namespace
}  // namespace lab::testing
