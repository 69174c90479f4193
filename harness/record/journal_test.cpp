#include "harness/record/journal.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/record/bad_input.h"
#include "harness/record/run_json.h"

namespace lab {
namespace {

class JournalTest : public ::testing::Test {
 protected:
  JournalTest()
      : file_(std::filesystem::temp_directory_path() /
              (std::string("journal_") + std::to_string(getpid()) + ".jsonl")) {
    std::filesystem::remove(file_);
  }
  ~JournalTest() override { std::filesystem::remove(file_); }

  void write_raw(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }

  std::filesystem::path file_;
};

RunRecord a_run(const std::string& id) {
  RunRecord record;
  record.run = id;
  record.of = {"c0", "e", "glibc", "base", {{"bytes", "1MiB"}}, {{"k", "absent"}}};
  record.block = 2;
  record.position = 3;
  record.seed = 77;
  record.environment = "e0";
  record.measure = "counts";
  record.start = "2026-01-01T00:00:00.000Z";
  record.duration_ns = 1234;
  record.exit_code = 0;
  record.stderr_tail = "a \xff byte that is no UTF-8\n";
  record.serving = {{"malloc", "/lib/libc.so.6"}};
  record.search = SearchProbe{"edge", 4, true};
  record.at_start = {{"rss_anon_bytes", 4096}};
  record.phases = {{"touch", {{"minor_faults_count", 23}, {"mmap_calls_count", std::nullopt}},
                    {{"minor_faults_count", 23}}}};
  record.nulls = {{"mmap_calls_count", "no tracefs"}};
  record.warnings = {"careful"};
  return record;
}

TEST_F(JournalTest, a_run_comes_back_as_it_was_written) {
  Journal(file_).append(a_run("r1"));
  const auto content = read_journal(file_);
  ASSERT_EQ(content.runs.size(), 1u);
  const RunRecord& run = content.runs[0];
  EXPECT_EQ(run.of.params, a_run("r1").of.params);
  EXPECT_EQ(run.phases[0].metrics, a_run("r1").phases[0].metrics);
  EXPECT_EQ(run.search->holds, true);
  EXPECT_EQ(run.signal, std::nullopt);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(to_line(run), to_line(run_from(Json::parse(to_line(run)))));
}

TEST_F(JournalTest, a_torn_last_line_is_dropped_when_read_and_cut_off_when_continued) {
  Journal(file_).append(a_run("r1"));
  write_raw(R"({"run":"r2","stat)");
  auto content = read_journal(file_);
  EXPECT_TRUE(content.torn);
  EXPECT_EQ(content.runs.size(), 1u);
  Journal(file_).append(a_run("r2"));
  content = read_journal(file_);
  EXPECT_FALSE(content.torn);
  EXPECT_EQ(content.runs.size(), 2u);
}

TEST_F(JournalTest, a_torn_line_in_the_middle_is_corruption_named_by_file_and_line) {
  Journal(file_).append(a_run("r1"));
  write_raw("{\"run\":\"r2\",\n");
  Journal(file_).append(a_run("r3"));
  try {
    read_journal(file_);
    FAIL();
  } catch (const BadInput& error) {
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
  }
}

TEST_F(JournalTest, superseded_runs_are_left_out_but_counted) {
  Journal journal(file_);
  journal.append(a_run("r1"));
  journal.append(a_run("r2"));
  journal.supersede("r1");
  journal.sync();
  const auto content = read_journal(file_);
  ASSERT_EQ(content.runs.size(), 1u);
  EXPECT_EQ(content.runs[0].run, "r2");
  EXPECT_EQ(content.lines, 3u);
}

TEST_F(JournalTest, a_file_that_cannot_be_written_is_bad_input_before_the_first_run) {
  EXPECT_THROW(Journal("/proc/nowhere/runs.jsonl"), BadInput);
}

TEST_F(JournalTest, a_full_disk_loses_only_the_run_in_flight) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  Journal full("/dev/full");
  EXPECT_THROW(full.append(a_run("r1")), ResultLost);
}

}  // namespace
}  // namespace lab
