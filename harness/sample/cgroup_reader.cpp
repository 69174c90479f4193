#include "harness/sample/cgroup_reader.h"

#include "harness/sample/proc_parsers.h"

namespace lab {
namespace {

const FieldTable& memory_stat_table() {
  static const FieldTable table("memory.stat");
  return table;
}

}  // namespace

CgroupReader::CgroupReader(const std::string& folder)
    : folder_(folder), memory_stat_(folder + "/memory.stat", memory_stat_table()) {}

void CgroupReader::read(Snapshot& snapshot, Nulls& nulls) {
  if (!chosen_) choose(nulls);
  for (Reading& reading : readings_)
    if (const auto value = value_of(reading)) snapshot.set(reading.metric, *value);
  memory_stat_.read(snapshot, nulls);
}

std::optional<std::int64_t> CgroupReader::value_of(Reading& reading) {
  auto text = reading.file.read();
  if (!text) return std::nullopt;
  if (reading.key.empty()) return take_number(*text);
  std::optional<std::int64_t> found;
  for_each_field(*text, [&](std::string_view key, std::int64_t value) {
    if (key == reading.key) found = value;
  });
  return found;
}

void CgroupReader::choose(Nulls& nulls) {
  chosen_ = true;
  int index = -1;
  for (const Metric& metric : sampled_metrics()) {
    ++index;
    auto places = source_in(metric, "cgroup").value_or(std::string_view{});
    if (places.empty()) continue;
    bool found = false;
    while (!places.empty() && !found) {
      const std::string_view place = places.substr(0, places.find('|'));
      places.remove_prefix(std::min(place.size() + 1, places.size()));
      const std::string_view file = place.substr(0, place.find(':'));
      const std::string_view key = place.substr(std::min(file.size() + 1, place.size()));
      Reading reading{index, RereadFile(folder_ + "/" + std::string(file)), key};
      found = value_of(reading).has_value();
      if (found) readings_.push_back(std::move(reading));
    }
    if (!found)
      nulls.emplace(metric.name,
                    folder_ + ": none of " + std::string(*source_in(metric, "cgroup")));
  }
}

}  // namespace lab
