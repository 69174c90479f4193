#include "harness/run/library.h"

#include <dlfcn.h>
#include <glob.h>
#include <gnu/libc-version.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "harness/run/file_origin.h"
#include "harness/run/loader_search.h"

namespace lab {
namespace {

constexpr std::string_view kBuildFolder = "{build}";

std::string real_path(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

std::string program_folder() {
  const std::string program = real_path("/proc/self/exe");
  return program.substr(0, program.rfind('/'));
}

std::string with_build_folder(std::string_view pattern) {
  std::string text(pattern);
  if (const std::size_t at = text.find(kBuildFolder); at != text.npos)
    text.replace(at, kBuildFolder.size(), program_folder());
  return text;
}

// Native files that match, the newest version (by the numbers in the path) first.
std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  std::erase_if(paths, [](const std::string& path) { return !is_native_elf(path); });
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    return strverscmp(a.c_str(), b.c_str()) > 0;
  });
  return paths;
}

std::string first_match(std::span<const std::string_view> libraries) {
  for (const std::string_view library : libraries) {
    const std::string name = with_build_folder(library);
    const auto paths = name.find('/') != name.npos ? matches_of(name) : loader_candidates(name);
    if (!paths.empty()) return real_path(paths.front());
  }
  return {};
}

ResolvedLibrary libc_in_use() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&gnu_get_libc_version), &info);
  ResolvedLibrary result{.available = true, .preload = false};
  if (info.dli_fname != nullptr) result.path = real_path(info.dli_fname);
  return result;
}

std::string missing_reason(const Allocator& allocator) {
  std::string text;
  for (const std::string_view library : allocator.libraries)
    text += (text.empty() ? "" : ", ") + with_build_folder(library);
  text += " not found; ";
  if (allocator.package.empty()) return text + "it is built with the lab";
  return text + "install Debian package " + std::string(allocator.package);
}

}  // namespace

ResolvedLibrary find_library(const Allocator& allocator, std::string_view override_path) {
  if (!override_path.empty())
    return {.available = true, .path = real_path(std::string(override_path))};
  if (allocator.libraries.empty()) return libc_in_use();
  ResolvedLibrary result;
  result.path = first_match(allocator.libraries);
  result.available = !result.path.empty();
  result.own = allocator.package.empty();
  if (!result.available) result.reason = missing_reason(allocator);
  return result;
}

void identify(ResolvedLibrary& library) {
  if (!library.available) return;
  const FileOrigin& origin = file_origin(library.path);
  library.sha256 = origin.sha256;
  library.origin = library.own ? "built with the lab" : origin.origin;
  library.origin_reason = library.own ? "" : origin.reason;
}

}  // namespace lab
