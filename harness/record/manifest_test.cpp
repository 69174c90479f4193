#include "harness/record/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/record/bad_input.h"

namespace lab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ManifestTest : public ::testing::Test {
 protected:
  ManifestTest() { fs::create_directories(folder_); }
  ~ManifestTest() override { fs::remove_all(folder_); }

  void replace(const std::string& from, const std::string& to) {
    std::ifstream stream(folder_ / "manifest.json");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    std::ofstream(folder_ / "manifest.json") << text.replace(at, from.size(), to);
  }
  std::string refusal() const {
    try {
      read_manifest(folder_);
      return "accepted";
    } catch (const BadInput& error) {
      return error.what();
    }
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) /
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

Manifest example() {
  Manifest manifest;
  manifest.created = "2026-11-20T07:21:17.123Z";
  manifest.command_line = {"alloclab", "run", "first_touch"};
  manifest.profile = "quick";
  manifest.measure = "counts";
  manifest.execution = {5000, 5, "0,1", 64 << 20, -1};
  manifest.plan.seed = 7;
  manifest.plan.blocks = 3;
  manifest.plan.shard = {2, 3};
  manifest.plan.cases = {
      {"c0", "first_touch", "glibc", "base", {{"n", "1MiB"}}, {{"k", "absent"}}}};
  manifest.plan.searches = {{"first_touch", "edge", "n", 1, 64, 2, manifest.plan.cases}};
  manifest.plan.extensions = {{"2026-11-20T07:22:00Z", 2, "width"}};
  manifest.allocators = {
      {"base", "glibc", "s", "libc6", true, "", "/libc.so", "ab", "2.36", "", {"k"}, "yardstick"}};
  manifest.outcome = "interrupted";
  return manifest;
}

TEST_F(ManifestTest, what_was_written_is_read_back) {
  const Manifest written = example();
  write_manifest(folder_, written);
  const Manifest read = read_manifest(folder_);
  EXPECT_EQ(read.created, written.created);
  EXPECT_EQ(read.command_line, written.command_line);
  EXPECT_EQ(read.execution.timeout_ms, 5000);
  EXPECT_EQ(read.execution.timeline_ms, 5);
  EXPECT_EQ(read.execution.cpus, "0,1");
  EXPECT_EQ(read.execution.memory_limit_bytes, 64 << 20);
  EXPECT_LT(read.execution.swap_limit_bytes, 0);
  EXPECT_EQ(read.plan.id(), written.plan.id());
  EXPECT_EQ(read.plan.blocks, 3);
  EXPECT_EQ(read.plan.shard.index, 2);
  EXPECT_EQ(read.plan.cases[0].params, written.plan.cases[0].params);
  EXPECT_EQ(read.plan.searches[0].high, 64);
  EXPECT_EQ(read.plan.extensions[0].reason, "width");
  EXPECT_EQ(read.allocators[0].arm, "base");
  EXPECT_EQ(read.allocators[0].reason, "");
  EXPECT_EQ(read.allocators[0].role, "yardstick");
  EXPECT_EQ(read.outcome, "interrupted");
  EXPECT_EQ(read.ended, "");
}

TEST_F(ManifestTest, an_execution_that_is_not_told_is_the_default) {
  Manifest manifest = example();
  manifest.execution = {};
  write_manifest(folder_, manifest);
  replace("\"execution\"", "\"claims_of_another\"");
  EXPECT_EQ(read_manifest(folder_).execution.timeout_ms, 60'000);
}

TEST_F(ManifestTest, a_missing_or_damaged_file_is_refused_by_name_and_cause) {
  EXPECT_THAT(refusal(), HasSubstr("manifest.json: No such file"));
  write_manifest(folder_, example());
  replace("\"schema_version\": 1", "\"schema_version\": 2");
  EXPECT_THAT(refusal(), HasSubstr("schema_version is 2, this lab reads 1"));
  write_manifest(folder_, example());
  replace("\"1MiB\"", "\"2MiB\"");
  EXPECT_THAT(refusal(), HasSubstr("the file was changed"));
  fs::resize_file(folder_ / "manifest.json", 100);
  EXPECT_THAT(refusal(), HasSubstr("is not a manifest"));
}

TEST_F(ManifestTest, one_that_cannot_be_replaced_stays_as_it_was) {
  write_manifest(folder_, example());
  fs::create_directory(folder_ / "manifest.json.new");  // where the fresh one would go
  Manifest later = example();
  later.outcome = "complete";
  EXPECT_THROW(write_manifest(folder_, later), ResultLost);
  EXPECT_EQ(read_manifest(folder_).outcome, "interrupted");
}

}  // namespace
}  // namespace lab
