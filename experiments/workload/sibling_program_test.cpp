#include "experiments/workload/sibling_program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace lab {
namespace {

// A script beside this test program; removed with the object.
class Sibling {
 public:
  explicit Sibling(const std::string& body)
      : path_(std::filesystem::read_symlink("/proc/self/exe").parent_path() /
              ("sibling_for_test_" + std::to_string(getpid()) + "_" + std::to_string(number_++))) {
    std::ofstream(path_) << "#!/bin/sh\n" << body << '\n';
    chmod(path_.c_str(), 0700);
  }
  ~Sibling() { std::filesystem::remove(path_); }
  Sibling(const Sibling&) = delete;
  Sibling& operator=(const Sibling&) = delete;

  std::string name() const { return path_.filename(); }

 private:
  static inline int number_ = 0;
  std::filesystem::path path_;
};

TEST(SiblingProgram, what_it_writes_is_the_answer) {
  const Sibling sibling("printf 12345678");
  char record[8];
  EXPECT_TRUE(has_sibling(sibling.name().c_str()));
  ASSERT_TRUE(ask_sibling(sibling.name().c_str(), record, sizeof record));
  EXPECT_EQ(std::string(record, sizeof record), "12345678");
}

TEST(SiblingProgram, the_environment_of_this_program_does_not_reach_it) {
  setenv("LAB_SIBLING_TEST", "seen", 1);
  const Sibling sibling("printf '%.4s' \"${LAB_SIBLING_TEST:-none}\"");
  char record[4];
  ASSERT_TRUE(ask_sibling(sibling.name().c_str(), record, sizeof record));
  EXPECT_EQ(std::string(record, sizeof record), "none");
}

TEST(SiblingProgram, one_that_fails_is_missing_or_says_too_little_is_no_answer) {
  char record[8];
  const Sibling brief("printf 123"), failing("printf 12345678; exit 3");
  EXPECT_FALSE(ask_sibling(brief.name().c_str(), record, sizeof record));
  EXPECT_FALSE(ask_sibling(failing.name().c_str(), record, sizeof record));
  EXPECT_FALSE(has_sibling("no_such_program"));
  EXPECT_FALSE(ask_sibling("no_such_program", record, sizeof record));
}

}  // namespace
}  // namespace lab
