#include "harness/sample/system_reader.h"

#include <unistd.h>

#include "harness/sample/proc_parsers.h"

namespace lab {
namespace {

const FieldTable& meminfo_table() {
  static const FieldTable table("meminfo");
  return table;
}

const FieldTable& vmstat_table() {
  static const FieldTable table("vmstat");
  return table;
}

struct SlabCache {
  std::string_view name;
  int metric;
};

const std::vector<SlabCache>& slab_caches() {
  static const std::vector<SlabCache> caches = [] {
    std::vector<SlabCache> found;
    int index = 0;
    for (const Metric& metric : sampled_metrics()) {
      if (const auto name = source_in(metric, "slabinfo")) found.push_back({*name, index});
      ++index;
    }
    return found;
  }();
  return caches;
}

std::string_view name_of(int metric) {
  return sampled_metrics()[static_cast<std::size_t>(metric)].name;
}

}  // namespace

SystemReader::SystemReader(const std::string& proc)
    : meminfo_(proc + "/meminfo", meminfo_table()),
      vmstat_(proc + "/vmstat", vmstat_table()),
      buddyinfo_(proc + "/buddyinfo"),
      slabinfo_(proc + "/slabinfo") {}

void SystemReader::read(Snapshot& snapshot, Nulls& nulls) {
  meminfo_.read(snapshot, nulls);
  vmstat_.read(snapshot, nulls);
  read_buddyinfo(snapshot, nulls);
  read_slabinfo(snapshot, nulls);
}

// The orders are neighbouring rows of the metric table.
void SystemReader::read_buddyinfo(Snapshot& snapshot, Nulls& nulls) {
  constexpr int kFirst = index_of("system_free_order_0_count");
  static_assert(index_of("system_free_order_10_count") == kFirst + 10);
  const auto text = buddyinfo_.read();
  const auto blocks = text ? parse_buddyinfo(*text) : std::nullopt;
  for (int order = 0; order < static_cast<int>(kBuddyOrders); ++order) {
    if (blocks) snapshot.set(kFirst + order, (*blocks)[static_cast<std::size_t>(order)]);
    else
      nulls.emplace(name_of(kFirst + order),
                    text ? buddyinfo_.path() + ": not understood" : buddyinfo_.problem());
  }
}

void SystemReader::read_slabinfo(Snapshot& snapshot, Nulls& nulls) {
  static const std::int64_t page_bytes = sysconf(_SC_PAGESIZE);
  const auto text = slabinfo_.read();
  for (std::string_view rest = text.value_or(std::string_view{});
       const auto line = take_line(rest);)
    for (const SlabCache& cache : slab_caches())
      if (line->starts_with(cache.name) && line->substr(cache.name.size()).starts_with(' '))
        if (const auto slab = parse_slab_line(*line))
          snapshot.set(cache.metric, slab->pages * page_bytes);
  if (text && slab_explained_) return;
  slab_explained_ = text.has_value();
  for (const SlabCache& cache : slab_caches())
    if (!snapshot.get(cache.metric))
      nulls.emplace(name_of(cache.metric),
                    text ? "this kernel keeps these in another slab cache" : slabinfo_.problem());
}

}  // namespace lab
