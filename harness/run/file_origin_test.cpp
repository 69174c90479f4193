#include "harness/run/file_origin.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace lab {
namespace {

TEST(FileOrigin, output_of_a_program_comes_with_its_exit_code) {
  int exit_code = -1;
  EXPECT_EQ(output_of({"sh", "-c", "echo out; echo err >&2; exit 3"}, exit_code), "out\n");
  EXPECT_EQ(exit_code, 3);
}

TEST(FileOrigin, a_program_that_is_not_there_gives_127) {
  int exit_code = -1;
  EXPECT_EQ(output_of({"no-such-program-anywhere"}, exit_code), "");
  EXPECT_EQ(exit_code, 127);
}

TEST(FileOrigin, the_digest_is_that_of_the_bytes_whatever_the_name) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("origin." + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto path = folder / "odd \\ name";
  std::ofstream(path) << "abc";
  const FileOrigin origin = file_origin(path);
  EXPECT_EQ(origin.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(origin.origin, "");
  EXPECT_NE(origin.reason, "");
  std::filesystem::remove_all(folder);
}

TEST(FileOrigin, a_packaged_file_names_its_package_or_the_reason_why_not) {
  const FileOrigin origin = file_origin(std::filesystem::canonical("/bin/sh"));
  EXPECT_EQ(origin.origin.empty(), !origin.reason.empty());
  if (origin.reason.empty()) {
    EXPECT_TRUE(origin.origin.starts_with("Debian ")) << origin.origin;
  }
}

}  // namespace
}  // namespace lab
