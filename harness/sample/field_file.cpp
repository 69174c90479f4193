#include "harness/sample/field_file.h"

#include <array>
#include <stdexcept>

#include "harness/sample/proc_parsers.h"

namespace lab {

std::optional<std::string_view> source_in(const Metric& metric, std::string_view file) {
  std::string_view source = metric.source;
  if (!source.starts_with(file)) return std::nullopt;
  source.remove_prefix(file.size());
  if (!source.starts_with(' ')) return std::nullopt;
  return source.substr(1);
}

FieldTable::FieldTable(std::string_view file) {
  int index = 0;
  for (const Metric& metric : sampled_metrics()) {
    auto keys = source_in(metric, file).value_or(std::string_view{});
    for (bool summed = false; !keys.empty();) {
      const auto length = std::min(keys.find_first_of("+|"), keys.size());
      parts_.push_back({keys.substr(0, length), index, summed});
      summed = length < keys.size() && keys[length] == '+';
      keys.remove_prefix(std::min(length + 1, keys.size()));
    }
    ++index;
  }
  if (parts_.size() > kMaxParts) throw std::length_error("too many fields in one file");
}

void FieldTable::parse(std::string_view text, Snapshot& snapshot) const {
  std::array<std::optional<std::int64_t>, kMaxParts> values{};
  for_each_field(text, [&](std::string_view key, std::int64_t value) {
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (parts_[i].key == key) values[i] = value;
  });
  for (std::size_t i = 0; i < parts_.size();) {
    std::optional<std::int64_t> sum = values[i];
    const int metric = parts_[i].metric;
    for (++i; i < parts_.size() && parts_[i].summed; ++i)
      sum = sum && values[i] ? std::optional(*sum + *values[i]) : std::nullopt;
    if (sum) snapshot.set(metric, *sum);
  }
}

void FieldTable::explain_missing(const Snapshot& snapshot, const std::string& why,
                                 Nulls& nulls) const {
  for (const Part& part : parts_) {
    const auto name = sampled_metrics()[static_cast<std::size_t>(part.metric)].name;
    if (!snapshot.get(part.metric)) nulls.emplace(name, why);
  }
}

void FieldFile::read(Snapshot& snapshot, Nulls& nulls) {
  const auto text = file_.read();
  if (text) table_->parse(*text, snapshot);
  if (text && explained_) return;
  explained_ = text.has_value();
  table_->explain_missing(snapshot, text ? "no such field in " + file_.path() : file_.problem(),
                          nulls);
}

}  // namespace lab
