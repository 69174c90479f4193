#include "harness/sample/proc_parsers.h"

#include <gtest/gtest.h>

#include "harness/sample/host_files.h"
#include "harness/sample/test_child.h"

namespace lab {
namespace {

std::string sample(const std::string& name) { return file_text(testdata("proc/" + name)).value(); }

TEST(Stat, is_read_past_a_command_name_with_a_bracket_and_a_blank) {
  const StatFields fields = parse_stat(sample("stat"));
  EXPECT_EQ(fields.minor_faults, 374);
  EXPECT_EQ(fields.major_faults, 0);
  EXPECT_EQ(fields.user_ticks, 0);
  EXPECT_EQ(fields.kernel_ticks, 0);
}

TEST(Stat, fields_beyond_the_end_are_absent) {
  const StatFields fields = parse_stat("12 (cut) S 1 2 3 4 -1 5 600 7 8");
  EXPECT_EQ(fields.minor_faults, 600);
  EXPECT_EQ(fields.major_faults, 8);
  EXPECT_FALSE(fields.user_ticks);
  EXPECT_FALSE(parse_stat("").minor_faults);
  EXPECT_FALSE(parse_stat("12 (no end of the name").minor_faults);
}

TEST(Statm, counts_pages) {
  const auto pages = parse_statm(sample("statm"));
  ASSERT_TRUE(pages);
  EXPECT_EQ(pages->size, 2667);
  EXPECT_EQ(pages->resident, 537);
  EXPECT_EQ(pages->shared, 232);
  EXPECT_FALSE(parse_statm("2667 537"));
  EXPECT_FALSE(parse_statm(""));
}

TEST(MapLine, with_a_path_that_holds_a_blank_is_read_whole) {
  const auto entry = parse_map_line(
      "55838b0be000-55838b0bf000 rw-p 00003000 fe:00 10953069                   /tmp/odd) name");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->start, 0x55838b0be000u);
  EXPECT_EQ(entry->end, 0x55838b0bf000u);
  EXPECT_EQ(entry->permissions, "rw-p");
  EXPECT_EQ(entry->offset, 0x3000u);
  EXPECT_EQ(entry->inode, 10953069u);
  EXPECT_EQ(entry->path, "/tmp/odd) name");
}

TEST(MapLine, of_anonymous_memory_has_no_path) {
  const auto entry = parse_map_line("7fde3d000000-7fde3d800000 rw-p 00000000 00:00 0 ");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->path, "");
}

TEST(MapLine, that_is_cut_or_upside_down_is_refused) {
  EXPECT_FALSE(parse_map_line(""));
  EXPECT_FALSE(parse_map_line("7fde3d000000"));
  EXPECT_FALSE(parse_map_line("7fde3d000000-7fde3d800000 rw-p"));
  EXPECT_FALSE(parse_map_line("7fde3d800000-7fde3d000000 rw-p 00000000 00:00 0"));
}

TEST(Maps, every_captured_line_is_understood) {
  const std::string maps = sample("maps");
  int lines = 0;
  for (std::string_view rest = maps; const auto line = take_line(rest); ++lines)
    EXPECT_TRUE(parse_map_line(*line)) << *line;
  EXPECT_EQ(lines, 25);
}

TEST(Buddyinfo, adds_zones) {
  const auto blocks = parse_buddyinfo(
      "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1 "
      "     3 \n"
      "Node 0, zone   Normal   4255   1458    803    549    190     91     29     13     51     55 "
      "   305 \n");
  ASSERT_TRUE(blocks);
  EXPECT_EQ((*blocks)[0], 4255);
  EXPECT_EQ((*blocks)[8], 52);
  EXPECT_EQ((*blocks)[10], 308);
  EXPECT_TRUE(parse_buddyinfo(sample("buddyinfo")));
}

TEST(Buddyinfo, with_too_few_orders_is_refused) {
  EXPECT_FALSE(parse_buddyinfo("Node 0, zone DMA 1 2 3\n"));
  EXPECT_FALSE(parse_buddyinfo(""));
}

TEST(SlabLine, tells_the_pages_of_a_cache) {
  const auto slab = parse_slab_line(
      "radix_tree_node    44122  44954    584   14    2 : tunables    0    0    0 : slabdata   "
      "3211   3211      0");
  ASSERT_TRUE(slab);
  EXPECT_EQ(slab->name, "radix_tree_node");
  EXPECT_EQ(slab->pages, 2 * 3211);
  EXPECT_FALSE(parse_slab_line("slabinfo - version: 2.1"));
  EXPECT_FALSE(parse_slab_line("# name            <active_objs> <num_objs>"));
}

TEST(Fields, in_kB_come_back_in_bytes) {
  std::string seen;
  for_each_field("Rss:  12 kB\nThreads:\t3\npswpin 4\nName:\tcat\nbroken\n\n",
                 [&](std::string_view key, std::int64_t value) {
                   seen += std::string(key) + "=" + std::to_string(value) + " ";
                 });
  EXPECT_EQ(seen, "Rss=12288 Threads=3 pswpin=4 ");
}

TEST(Fields, beyond_what_a_number_can_hold_are_absent) {
  int seen = 0;
  for_each_field("Rss: 99999999999999999999 kB\n", [&](auto, auto) { ++seen; });
  EXPECT_EQ(seen, 0);
}

}  // namespace
}  // namespace lab
