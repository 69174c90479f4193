#include "harness/run/library.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace lab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMathNames[] = {"libm.so.6"};
constexpr std::string_view kMissingNames[] = {"libno-such-allocator.so.7"};
constexpr Allocator kLibc{.name = "libc", .summary = ""};
constexpr Allocator kMath{.name = "math", .summary = "", .libraries = kMathNames};
constexpr Allocator kMissing{
    .name = "missing", .summary = "", .libraries = kMissingNames, .package = "libno-such7"};

// A folder with files that match a pattern, removed at the end of the test.
class LibraryPattern : public testing::Test {
 protected:
  LibraryPattern()
      : folder_(fs::temp_directory_path() / ("library_test." + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~LibraryPattern() override { fs::remove_all(folder_); }

  ResolvedLibrary find(const std::string& name) {
    pattern_ = (folder_ / name).string();
    libraries_[0] = pattern_;
    return find_library(Allocator{.name = "found", .summary = "", .libraries = libraries_});
  }

  fs::path folder_;

 private:
  std::string pattern_;
  std::string_view libraries_[1];
};

TEST(Library, an_allocator_without_libraries_is_the_libc_in_use) {
  const ResolvedLibrary library = find_library(kLibc);
  EXPECT_TRUE(library.available);
  EXPECT_FALSE(library.preload);
  EXPECT_TRUE(library.path.ends_with("libc.so.6")) << library.path;
  EXPECT_TRUE(fs::exists(library.path));
}

TEST(Library, a_name_is_found_in_the_loaders_folders) {
  const ResolvedLibrary library = find_library(kMath);
  EXPECT_TRUE(library.available);
  EXPECT_TRUE(library.preload);
  EXPECT_EQ(library.path, fs::canonical(library.path));
}

TEST(Library, a_missing_library_names_its_package) {
  ResolvedLibrary library = find_library(kMissing);
  identify(library);
  EXPECT_FALSE(library.available);
  EXPECT_EQ(library.path, "");
  EXPECT_EQ(library.reason,
            "libno-such-allocator.so.7 not found; install Debian package libno-such7");
}

TEST(Library, an_override_is_taken_as_given_even_when_it_does_not_exist) {
  ResolvedLibrary library = find_library(kMath, "/nowhere/libmath.so");
  identify(library);
  EXPECT_TRUE(library.available);
  EXPECT_EQ(library.path, "/nowhere/libmath.so");
  EXPECT_EQ(library.sha256, "");
  EXPECT_EQ(library.origin, "");
  EXPECT_NE(library.origin_reason, "");
}

TEST(Library, identifying_gives_a_digest_and_does_not_load_the_library) {
  constexpr std::string_view kNames[] = {"libutil.so.1"};
  ResolvedLibrary library =
      find_library(Allocator{.name = "util", .summary = "", .libraries = kNames});
  identify(library);
  ASSERT_TRUE(library.available) << library.reason;
  EXPECT_EQ(library.sha256.size(), 64u);
  EXPECT_EQ(dlopen(library.path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST_F(LibraryPattern, takes_the_newest_match_and_follows_links) {
  fs::create_directories(folder_ / "9");
  fs::create_directories(folder_ / "14");
  fs::copy_file("/proc/self/exe", folder_ / "real.so");
  fs::create_symlink(folder_ / "real.so", folder_ / "14/liba.so");
  fs::copy_file("/proc/self/exe", folder_ / "9/liba.so");
  EXPECT_EQ(find("*/liba.so").path, fs::canonical(folder_ / "real.so"));
}

TEST_F(LibraryPattern, skips_files_that_are_no_library_of_this_machine) {
  std::filesystem::copy_file("/etc/hostname", folder_ / "libtext.so");
  EXPECT_FALSE(find("libt*.so").available);
}

TEST(Library, the_build_folder_is_that_of_the_running_program) {
  const std::string program = fs::canonical("/proc/self/exe");
  const std::string pattern = "{build}/" + fs::path(program).filename().string();
  const std::string_view libraries[] = {pattern};
  ResolvedLibrary library =
      find_library(Allocator{.name = "built", .summary = "", .libraries = libraries});
  identify(library);
  EXPECT_EQ(library.path, program);
  EXPECT_EQ(library.origin, "built with the lab");
  EXPECT_EQ(library.origin_reason, "");
}

}  // namespace
}  // namespace lab
