// Facts about the host that stand in a file. The text parsers are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sample/host.h"

namespace lab {

Fact number_fact(std::string_view name, std::int64_t value);
Fact text_fact(std::string_view name, std::string value);
Fact missing_fact(std::string_view name, std::string reason);
// A number when all of `value` is one ("4096", "24 kB" in bytes), else a text.
Fact fact_of(std::string_view name, std::string_view value);

struct FactFile {
  std::string_view name;
  std::string_view path;
};

// The first line of the file; of "always [madvise] never" the word in brackets.
Fact fact_from_file(const FactFile& file);
// The value of `key` in a file of "key : value" or "KEY=value" lines.
Fact fact_from_key(const FactFile& file, std::string_view key);

// Returns the first value of `key` in such a text, without quotes.
std::optional<std::string_view> value_of_key(std::string_view text, std::string_view key);
// Returns the word in brackets, or all of `text` when there are none.
std::string_view chosen(std::string_view text);

// Returns the whole file, or nothing with the cause in errno.
std::optional<std::string> file_text(std::string_view path);

// The sizes that have their own THP setting, ascending. Empty on kernels without them.
std::vector<std::int64_t> thp_sizes_kib();

}  // namespace lab
