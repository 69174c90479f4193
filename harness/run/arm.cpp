#include "harness/run/arm.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "harness/record/bad_input.h"
#include "harness/run/nearest.h"

namespace lab {

namespace {

const Allocator& allocator_called(std::string_view name) {
  if (const auto* found = find_registered<Allocator>(name)) return *found;
  const auto names = allocator_names();
  throw BadInput("unknown allocator '" + std::string(name) + "'" + did_you_mean(name, names) +
                 "; see: alloclab list allocators");
}

// The part of a library's file name that survives versions: "libjemalloc.so.2" gives "libjemalloc".
std::string stem_of(std::string_view library) {
  std::string name = std::filesystem::path(library).filename();
  return name.substr(0, name.find_first_of(".*"));
}

// Which adapter drives a library given by path alone: the one whose library is called alike.
const Allocator& allocator_of_library(const std::string& path) {
  const std::string given = stem_of(path);
  for (const std::string_view name : allocator_names()) {
    const Allocator& allocator = *find_registered<Allocator>(name);
    for (const std::string_view library : allocator.libraries)
      if (const std::string stem = stem_of(library); !stem.empty() && given.starts_with(stem))
        return allocator;
  }
  throw BadInput("cannot tell which allocator '" + path +
                 "' is; say it: ARM=ALLOCATOR=/path/to/library.so");
}

Arm make_arm(std::string name, const Allocator& allocator, std::string_view path) {
  return {std::move(name), &allocator, find_library(allocator, path)};
}

// "base=jemalloc", "base=/path/lib.so", "base=jemalloc=/path/lib.so"
Arm parse_arm(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw BadInput("--arm " + text + ": expected NAME=ALLOCATOR, NAME=/path/library.so or "
                   "NAME=ALLOCATOR=/path/library.so");
  const std::string name = text.substr(0, equals);
  const std::string what = text.substr(equals + 1);
  if (what.find('/') != std::string::npos && what.find('=') == std::string::npos)
    return make_arm(name, allocator_of_library(what), what);
  const auto second = what.find('=');
  const std::string path = second == std::string::npos ? "" : what.substr(second + 1);
  return make_arm(name, allocator_called(what.substr(0, second)), path);
}

// "jemalloc" or "jemalloc=/path/lib.so"
Arm parse_allocator(const std::string& text) {
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string path = equals == std::string::npos ? "" : text.substr(equals + 1);
  return make_arm(name, allocator_called(name), path);
}

void refuse_duplicates(const std::vector<Arm>& arms) {
  for (std::size_t i = 0; i < arms.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (arms[i].name == arms[j].name)
        throw BadInput("'" + arms[i].name + "' is named twice; each arm runs once in a block");
}

}  // namespace

std::vector<std::string_view> allocator_names() {
  static constexpr std::string_view kFirst[] = {"glibc", "tcmalloc", "jemalloc", "mimalloc"};
  std::vector<std::string_view> names;
  for (auto* entry = Registration<Allocator>::first(); entry != nullptr; entry = entry->next())
    names.push_back(entry->item().name);
  std::sort(names.begin(), names.end(), [](std::string_view a, std::string_view b) {
    const auto rank = [](std::string_view name) { return std::find(kFirst, std::end(kFirst), name); };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
  });
  return names;
}

std::vector<Arm> resolve_arms(const RunRequest& request) {
  std::vector<Arm> arms;
  if (!request.arms.empty()) {
    if (!request.allocators.empty())
      throw BadInput("--arm and --allocators exclude each other: an arm names its allocator");
    for (const std::string& text : request.arms) arms.push_back(parse_arm(text));
  } else if (!request.allocators.empty()) {
    for (const std::string& text : request.allocators) arms.push_back(parse_allocator(text));
  } else {
    for (const std::string_view name : allocator_names())
      if (const auto& allocator = *find_registered<Allocator>(name);
          allocator.role != AllocatorRole::checker)
        arms.push_back(make_arm(std::string(name), allocator, {}));
  }
  refuse_duplicates(arms);
  return arms;
}

}  // namespace lab
