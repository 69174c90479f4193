// Parsers of /proc files: pure functions of text. A field that is missing or malformed is absent,
// never zero. Sizes that the kernel gives in kB come back in bytes. No allocation except where a
// vector is filled.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lab {

// Calls use(key, value) for each line "Key: 12 kB", "Key: 12" or "key 12"; skips other lines.
template <class Use>
void for_each_field(std::string_view text, Use use);

// /proc/PID/stat; the command name may hold blanks and brackets.
struct StatFields {
  std::optional<std::int64_t> minor_faults, major_faults;
  std::optional<std::int64_t> user_ticks, kernel_ticks;
};
StatFields parse_stat(std::string_view text);

// /proc/PID/statm: pages.
struct StatmFields {
  std::int64_t size, resident, shared;
};
std::optional<StatmFields> parse_statm(std::string_view text);

// One line of /proc/PID/maps. Views into the text that was parsed.
struct MapEntry {
  std::uint64_t start, end, offset, inode;
  std::string_view permissions;  // "rw-p"
  std::string_view path;         // "[heap]", "/usr/lib/…", empty for anonymous memory
};
std::optional<MapEntry> parse_map_line(std::string_view line);

// Free blocks per order (of 2^order pages), all zones and nodes together. Empty: malformed.
inline constexpr std::size_t kBuddyOrders = 11;
std::optional<std::array<std::int64_t, kBuddyOrders>> parse_buddyinfo(std::string_view text);

// One line of /proc/slabinfo: the cache's name and the pages it holds.
struct SlabLine {
  std::string_view name;
  std::int64_t pages;
};
std::optional<SlabLine> parse_slab_line(std::string_view line);

// ---- Text helpers shared by the parsers --------------------------------------------------------

// Takes the next line off `text`, without its newline. Returns nothing at the end.
std::optional<std::string_view> take_line(std::string_view& text);
// Takes the next word off `text`, skipping blanks before it. Empty at the end.
std::string_view take_word(std::string_view& text);
// Takes a number at the start of `text`, skipping blanks before it.
std::optional<std::int64_t> take_number(std::string_view& text);

template <class Use>
void for_each_field(std::string_view text, Use use) {
  while (const auto line = take_line(text)) {
    std::string_view rest = *line;
    std::string_view key = take_word(rest);
    if (key.ends_with(':')) key.remove_suffix(1);
    const auto value = take_number(rest);
    if (value) use(key, rest == " kB" ? *value * 1024 : *value);
  }
}

}  // namespace lab
