#include "harness/sample/host_files.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "harness/sample/proc_parsers.h"
#include "harness/sample/reread_file.h"

namespace lab {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\"";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

}  // namespace

Fact number_fact(std::string_view name, std::int64_t value) {
  Fact fact{std::string(name)};
  fact.number = value;
  return fact;
}

Fact text_fact(std::string_view name, std::string value) {
  Fact fact{std::string(name)};
  fact.text = std::move(value);
  return fact;
}

Fact missing_fact(std::string_view name, std::string reason) {
  Fact fact{std::string(name)};
  fact.reason = std::move(reason);
  return fact;
}

Fact fact_of(std::string_view name, std::string_view value) {
  std::string_view rest = value;
  const auto number = take_number(rest);
  if (number && rest.empty()) return number_fact(name, *number);
  if (number && rest == " kB") return number_fact(name, *number * 1024);
  return text_fact(name, std::string(value));
}

Fact fact_from_file(const FactFile& file) {
  const auto text = file_text(file.path);
  if (!text) return missing_fact(file.name, std::string(file.path) + ": " + std::strerror(errno));
  const std::string_view line = trimmed(std::string_view(*text).substr(0, text->find('\n')));
  return fact_of(file.name, chosen(line));
}

Fact fact_from_key(const FactFile& file, std::string_view key) {
  const auto text = file_text(file.path);
  if (!text) return missing_fact(file.name, std::string(file.path) + ": " + std::strerror(errno));
  const auto value = value_of_key(*text, key);
  if (!value)
    return missing_fact(file.name, "no " + std::string(key) + " in " + std::string(file.path));
  return fact_of(file.name, *value);
}

std::optional<std::string_view> value_of_key(std::string_view text, std::string_view key) {
  while (const auto line = take_line(text)) {
    const auto separator = line->find_first_of(":=");
    if (separator != std::string_view::npos && trimmed(line->substr(0, separator)) == key)
      return trimmed(line->substr(separator + 1));
  }
  return std::nullopt;
}

std::string_view chosen(std::string_view text) {
  const auto open = text.find('[');
  const auto close = text.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return text;
  return text.substr(open + 1, close - open - 1);
}

std::optional<std::string> file_text(std::string_view path) {
  RereadFile file{std::string(path)};
  const auto text = file.read();
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

std::vector<std::int64_t> thp_sizes_kib() {
  constexpr std::string_view kPrefix = "hugepages-";
  std::vector<std::int64_t> sizes;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/kernel/mm/transparent_hugepage", ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix) || !std::filesystem::exists(entry.path() / "enabled", ignored))
      continue;
    std::string_view size = std::string_view(name).substr(kPrefix.size());
    if (const auto kib = take_number(size)) sizes.push_back(*kib);
  }
  std::ranges::sort(sizes);
  return sizes;
}

}  // namespace lab
