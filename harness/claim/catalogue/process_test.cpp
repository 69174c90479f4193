#include <tuple>

#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

constexpr std::int64_t kBytes = 2300 * 4096;
constexpr std::int64_t kBefore = 3 << 20;

// What one metric was after mapping, touching and sharing.
FakeRun shared(std::string kind, std::string sharers, std::initializer_list<std::string> metrics,
               std::int64_t touch, std::int64_t share) {
  FakeRun run;
  run.param("kind", std::move(kind)).param("sharers", std::move(sharers));
  const auto at = [&](const char* phase, std::int64_t value) {
    run.phase(phase).set("rss_bytes", kBefore + kBytes);
    for (const auto& metric : metrics) run.set(metric, kBefore + value);
  };
  at("map", 0), at("touch", touch), at("share", share);
  return run;
}

TEST(rss_includes, shared_memory_in_res_refutes) {
  const FakeRun left_out = shared("shared_anonymous", "0", {"rss_bytes"}, 0, 0);
  const FakeRun counted = shared("shared_anonymous", "0", {"rss_bytes"}, kBytes, kBytes);
  EXPECT_EQ(verdict_of("rss-includes", "res_without_shared", {&left_out}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("rss-includes", "res_without_shared", {&counted}), Verdict::refuted);
}

TEST(rss_includes, file_pages_must_show_in_the_shared_part) {
  const FakeRun libraries = shared("private_anonymous", "0", {"rss_file_bytes"}, 0, 0);
  const FakeRun file = shared("file", "0", {"rss_file_bytes"}, kBytes, kBytes);
  const FakeRun hidden = shared("file", "0", {"rss_file_bytes"}, 0, 0);
  EXPECT_EQ(verdict_of("rss-includes", "shr_with_libraries", {&libraries, &file}),
            Verdict::confirmed);
  EXPECT_EQ(verdict_of("rss-includes", "shr_with_libraries", {&libraries, &hidden}),
            Verdict::refuted);
}

TEST(shr_not_additive, pss_must_halve_when_another_process_shares) {
  for (const auto& [part, kind, pss] :
       {std::tuple{"shared_memory", "shared_anonymous", "pss_shmem_bytes"},
        std::tuple{"file", "file", "pss_file_bytes"}}) {
    const FakeRun halved = shared(kind, "1", {pss}, kBytes, kBytes / 2);
    const FakeRun whole = shared(kind, "1", {pss}, kBytes, kBytes);
    EXPECT_EQ(verdict_of("shr-not-additive", part, {&halved}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("shr-not-additive", part, {&whole}), Verdict::refuted);
  }
}

TEST(vsz_includes_all, a_reservation_that_is_not_counted_refutes) {
  const auto reserved = [](std::int64_t first) {
    FakeRun run;
    run.start("vsz_bytes", 0).start("rss_anon_bytes", 0).phase("reserve").set("vsz_bytes", first);
    run.phase("map").set("vsz_bytes", first + (1 << 30)).set("rss_anon_bytes", 0);
    return run;
  };
  const FakeRun counted = reserved(1 << 30), left_out = reserved(0);
  EXPECT_EQ(verdict_of("vsz-includes-all", "reserved", {&counted}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("vsz-includes-all", "reserved", {&left_out}), Verdict::refuted);
}

FakeRun layout(std::string program, std::int64_t heap, std::int64_t end, std::int64_t bits) {
  FakeRun run;
  run.param("program", std::move(program));
  run.phase("look").set("virtual_address_bits", bits).set("physical_address_bits", 48);
  const std::pair<const char*, std::int64_t> objects[] = {
      {"code", 1500},  {"read_only", 1000},       {"data", 2000}, {"heap", heap}, {"mapping", 4000},
      {"stack", 5000}, {"end_of_user_space", end}};
  for (const auto& [phase, address] : objects) run.phase(phase).set("object_address", address);
  return run;
}

constexpr std::int64_t kEnd64 = (1LL << 47) - 4096;

TEST(va_layout, order_end_and_bits_are_judged_apart_each_in_its_program) {
  for (const auto& [part, program] :
       {std::pair{"order", "pie"}, std::pair{"order_non_pie", "non_pie"}, std::pair{"end", "pie"},
        std::pair{"bits", "self"}}) {
    const FakeRun usual = layout(program, 3000, kEnd64, 48);
    const FakeRun other = layout(program, 500, (1LL << 56) - 4096, 57);
    EXPECT_EQ(verdict_of("va-layout", part, {&usual}), Verdict::confirmed);
    EXPECT_EQ(verdict_of("va-layout", part, {&other}), Verdict::refuted);
  }
}

TEST(va_layout, the_end_must_be_within_a_guard_of_128_tib) {
  const FakeRun low = layout("pie", 3000, (1LL << 47) - (1 << 20), 48);
  EXPECT_EQ(verdict_of("va-layout", "end", {&low}), Verdict::refuted);
}

TEST(va_32, three_gib_confirm_and_nearly_four_refute) {
  const FakeRun native = layout("32bit", 3000, 0xc0000000, 48);
  const FakeRun under_64_bit_kernel = layout("32bit", 3000, 0xffffe000, 48);
  EXPECT_EQ(verdict_of("va-32", "end", {&native}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("va-32", "end", {&under_64_bit_kernel}), Verdict::refuted);
}

TEST(va_32, the_order_is_judged_from_the_32_bit_program_alone) {
  const FakeRun usual = layout("32bit", 3000, 0xffffe000, 48);
  const FakeRun other = layout("32bit", 500, 0xffffe000, 48);
  const FakeRun wide = layout("pie", 3000, kEnd64, 48);
  EXPECT_EQ(verdict_of("va-32", "order", {&usual}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("va-32", "order", {&other}), Verdict::refuted);
  EXPECT_EQ(verdict_of("va-32", "order", {&wide}), Verdict::not_testable);
}

TEST(vmrss_inexact, one_difference_at_any_mark_confirms) {
  FakeRun exact, late;
  for (FakeRun* run : {&exact, &late})
    run->phase("touch").set("rss_bytes", kBytes).set("status_rss_bytes", kBytes);
  exact.phase("touch").set("rss_bytes", 2 * kBytes).set("status_rss_bytes", 2 * kBytes);
  late.phase("touch").set("rss_bytes", 2 * kBytes).set("status_rss_bytes", 2 * kBytes - 4096);
  EXPECT_EQ(verdict_of("vmrss-inexact", "marks", {&late}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("vmrss-inexact", "marks", {&exact}), Verdict::refuted);
}

FakeRun chased(std::string advice, std::string range, std::int64_t tables, std::int64_t ns = 0) {
  FakeRun run;
  run.param("advice", std::move(advice)).param("range_bytes", std::move(range));
  run.start("page_table_bytes", 0).phase("write").set("page_table_bytes", tables);
  run.phase("chase").set("wall_ns", ns);
  return run;
}

TEST(tlb_reach, tables_must_grow_with_the_range_and_shrink_with_huge_pages) {
  const FakeRun few = chased("nohugepage", "4MiB", 8192);
  const FakeRun many = chased("nohugepage", "128MiB", 262144);
  const FakeRun flat = chased("nohugepage", "128MiB", 8192);
  const FakeRun huge = chased("hugepage", "128MiB", 4096),
                kept = chased("hugepage", "128MiB", 262144);
  EXPECT_EQ(verdict_of("tlb-reach", "tables", {&few, &many}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("tlb-reach", "tables", {&few, &flat}), Verdict::refuted);
  EXPECT_EQ(verdict_of("tlb-reach", "huge_tables", {&many, &huge}), Verdict::confirmed);
  EXPECT_EQ(verdict_of("tlb-reach", "huge_tables", {&many, &kept}), Verdict::refuted);
}

// Six blocks in which huge pages take between `least` and `most` ns and small pages 1000 to 1050.
Verdict with_times(std::int64_t least, std::int64_t most) {
  std::vector<FakeRun> runs;
  for (int block = 0; block < 6; ++block) {
    runs.push_back(chased("nohugepage", "128MiB", 0, 1000 + 10 * block));
    runs.push_back(chased("hugepage", "128MiB", 0, block == 0 ? most : least));
  }
  return verdict_of("tlb-reach", "time",
                    {&runs[0], &runs[1], &runs[2], &runs[3], &runs[4], &runs[5], &runs[6], &runs[7],
                     &runs[8], &runs[9], &runs[10], &runs[11]});
}

TEST(tlb_reach, times_decide_only_when_every_block_agrees) {
  EXPECT_EQ(with_times(500, 600), Verdict::confirmed);
  EXPECT_EQ(with_times(1000, 1000), Verdict::refuted);
  EXPECT_EQ(with_times(500, 1100), Verdict::not_testable);
  const FakeRun small = chased("nohugepage", "128MiB", 0, 1000);
  const FakeRun huge = chased("hugepage", "128MiB", 0, 500);
  EXPECT_EQ(verdict_of("tlb-reach", "time", {&small, &huge}), Verdict::not_testable);
}

}  // namespace
}  // namespace lab::testing
