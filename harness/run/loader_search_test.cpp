#include "harness/run/loader_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace lab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void append_number(std::string& bytes, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

// A cache as ldconfig writes it: 48 bytes of header, 24 bytes an entry, strings.
std::string cache_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string strings, cache = "glibc-ld.so.cache1.1";
  append_number(cache, entries.size(), 4);
  cache.append(24, '\0');
  for (const auto& [name, path] : entries) {
    const std::size_t base = 48 + 24 * entries.size() + strings.size();
    append_number(cache, 0x303, 4);
    append_number(cache, base, 4);
    append_number(cache, base + name.size() + 1, 4);
    append_number(cache, 0, 12);
    strings += name + '\0' + path + '\0';
  }
  return cache + strings;
}

TEST(LoaderSearch, the_cache_gives_every_path_of_a_name_in_order) {
  const std::string cache = cache_of(
      {{"liba.so.1", "/x/liba.so.1"}, {"libb.so.1", "/x/libb.so.1"}, {"liba.so.1", "/y/a"}});
  EXPECT_THAT(cached_paths(cache, "liba.so.1"), ElementsAre("/x/liba.so.1", "/y/a"));
  EXPECT_THAT(cached_paths(cache, "liba.so"), IsEmpty());
}

TEST(LoaderSearch, an_older_header_in_front_is_skipped) {
  const std::string cache = "ld.so-1.7.0 and old entries" + cache_of({{"liba.so", "/x/liba.so"}});
  EXPECT_THAT(cached_paths(cache, "liba.so"), ElementsAre("/x/liba.so"));
}

TEST(LoaderSearch, a_torn_or_foreign_cache_gives_nothing_and_does_not_crash) {
  const std::string cache = cache_of({{"liba.so", "/x/liba.so"}});
  for (std::size_t size = 0; size < cache.size(); ++size)
    EXPECT_THAT(cached_paths(std::string_view(cache).substr(0, size), "liba.so"), IsEmpty())
        << size;
  EXPECT_THAT(cached_paths("not a cache", "liba.so"), IsEmpty());
}

TEST(LoaderSearch, finds_the_c_library) {
  EXPECT_THAT(loader_candidates("libc.so.6"), testing::Not(IsEmpty()));
}

TEST(LoaderSearch, a_text_file_is_not_native) {
  EXPECT_TRUE(is_native_elf("/proc/self/exe"));
  EXPECT_FALSE(is_native_elf("/etc/hostname"));
  EXPECT_FALSE(is_native_elf("/nowhere"));
}

}  // namespace
}  // namespace lab
