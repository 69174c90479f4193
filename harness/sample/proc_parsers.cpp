#include "harness/sample/proc_parsers.h"

#include <charconv>

namespace lab {
namespace {

void skip_blanks(std::string_view& text) {
  const auto first = text.find_first_not_of(" \t");
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

std::optional<std::uint64_t> take_hex(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_char(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string_view take_word(std::string_view& text) {
  skip_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  skip_blanks(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Positions of fields: proc(5), counted from 1; the name is field 2 and the state field 3.
StatFields parse_stat(std::string_view text) {
  StatFields fields;
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return fields;
  text.remove_prefix(name_end + 1);
  take_word(text);  // the state
  for (int field = 4; field <= 15; ++field) {
    const auto value = take_number(text);
    if (!value) return fields;
    if (field == 10) fields.minor_faults = value;
    if (field == 12) fields.major_faults = value;
    if (field == 14) fields.user_ticks = value;
    if (field == 15) fields.kernel_ticks = value;
  }
  return fields;
}

std::optional<StatmFields> parse_statm(std::string_view text) {
  const auto size = take_number(text);
  const auto resident = take_number(text);
  const auto shared = take_number(text);
  if (!size || !resident || !shared) return std::nullopt;
  return StatmFields{*size, *resident, *shared};
}

std::optional<MapEntry> parse_map_line(std::string_view line) {
  const auto start = take_hex(line);
  if (!start || !take_char(line, '-')) return std::nullopt;
  const auto end = take_hex(line);
  if (!end || *end < *start) return std::nullopt;
  const std::string_view permissions = take_word(line);
  skip_blanks(line);
  const auto offset = take_hex(line);
  const std::string_view device = take_word(line);
  const auto inode = take_number(line);
  if (permissions.size() != 4 || !offset || device.empty() || !inode) return std::nullopt;
  skip_blanks(line);
  return MapEntry{*start, *end, *offset, static_cast<std::uint64_t>(*inode), permissions, line};
}

std::optional<std::array<std::int64_t, kBuddyOrders>> parse_buddyinfo(std::string_view text) {
  std::array<std::int64_t, kBuddyOrders> blocks{};
  if (text.empty()) return std::nullopt;
  while (auto line = take_line(text)) {
    const auto zone = line->find("zone ");
    if (zone == std::string_view::npos) return std::nullopt;
    line->remove_prefix(zone + 5);
    take_word(*line);  // the zone's name
    for (std::int64_t& count : blocks) {
      const auto value = take_number(*line);
      if (!value) return std::nullopt;
      count += *value;
    }
  }
  return blocks;
}

// "name active_objs num_objs objsize objperslab pagesperslab : tunables … : slabdata active num
// shared"
std::optional<SlabLine> parse_slab_line(std::string_view line) {
  const std::string_view name = take_word(line);
  std::int64_t pages_per_slab = 0;
  for (int field = 0; field < 5; ++field) {
    const auto value = take_number(line);
    if (!value) return std::nullopt;
    pages_per_slab = *value;
  }
  const auto slabs_at = line.find(": slabdata");
  if (slabs_at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(slabs_at + std::string_view(": slabdata").size());
  take_number(line);  // active slabs
  const auto slabs = take_number(line);
  if (!slabs) return std::nullopt;
  return SlabLine{name, *slabs * pages_per_slab};
}

}  // namespace lab
