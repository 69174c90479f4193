#include "harness/record/result_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/record/bad_input.h"

namespace lab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::uint64_t kMoreThanAnyDisk = std::uint64_t{1} << 62;

// Each test has a current folder of its own.
class ResultFolderTest : public ::testing::Test {
 protected:
  ResultFolderTest() {
    fs::create_directories(folder_);
    fs::current_path(folder_);
  }
  ~ResultFolderTest() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  static std::string refusal(const fs::path& out, std::uint64_t bytes = 1) {
    try {
      make_result_folder(out, "name", "stamp", bytes);
      return "accepted";
    } catch (const BadInput& error) {
      return error.what();
    }
  }
  static std::string text_of(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const fs::path before_ = fs::current_path();
  const fs::path folder_ = fs::path(::testing::TempDir()) /
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ResultFolderTest, is_named_by_time_and_experiment_and_never_taken_twice) {
  EXPECT_EQ(make_result_folder("", "first_touch", "T1", 1), "results/T1-first_touch");
  EXPECT_EQ(make_result_folder("", "first_touch", "T1", 1), "results/T1-first_touch-2");
  EXPECT_EQ(make_result_folder("given/below", "first_touch", "T1", 1), "given/below");
  EXPECT_TRUE(fs::is_directory("given/below"));
}

TEST_F(ResultFolderTest, one_that_holds_a_result_is_refused) {
  for (const char* name : {"manifest.json", "runs.jsonl"}) {
    fs::create_directories(name + std::string("_in"));
    std::ofstream(fs::path(name + std::string("_in")) / name) << "";
    EXPECT_THAT(refusal(name + std::string("_in")), HasSubstr("holds a result already"));
  }
}

TEST_F(ResultFolderTest, a_refused_one_is_not_made) {
  EXPECT_THAT(refusal("none/below", kMoreThanAnyDisk), HasSubstr("MiB free"));
  EXPECT_FALSE(fs::exists("none"));
  std::ofstream("file") << "";
  EXPECT_THAT(refusal("file/below"), HasSubstr("file/below"));
}

TEST_F(ResultFolderTest, latest_points_at_the_newest_in_results_only) {
  const auto first = make_result_folder("", "a", "T1", 1);
  point_latest_at(first);
  EXPECT_EQ(fs::read_symlink("results/latest"), first.filename());
  const auto second = make_result_folder("", "b", "T2", 1);
  point_latest_at(second);
  EXPECT_EQ(fs::read_symlink("results/latest"), second.filename());
  point_latest_at(make_result_folder("elsewhere/c", "c", "T3", 1));
  EXPECT_FALSE(fs::exists(fs::symlink_status("elsewhere/latest")));
}

TEST_F(ResultFolderTest, a_series_replaces_what_an_interrupted_run_left) {
  write_series(folder_, "r000001", {"one", "two"});
  write_series(folder_, "r000001", {"three"});
  EXPECT_EQ(text_of(folder_ / "series" / "r000001.jsonl"), "three\n");
}

TEST_F(ResultFolderTest, a_series_that_cannot_be_written_says_how_to_go_on) {
  std::ofstream(folder_ / "series") << "in the way";
  try {
    write_series(folder_, "r000001", {"one"});
    FAIL() << "written";
  } catch (const ResultLost& error) {
    EXPECT_THAT(error.what(), HasSubstr("--resume"));
  }
}

}  // namespace
}  // namespace lab
