#include "harness/sample/process_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lab {
namespace {

constexpr int kPeak = index_of("rss_peak_bytes");
constexpr int kMapsCount = index_of("maps_count");
constexpr int kHeapStart = index_of("heap_start_address");
constexpr int kHeapTop = index_of("heap_top_address");
constexpr int kHeapBytes = index_of("heap_bytes");

const FieldTable& table(std::string_view file) {
  static const FieldTable smaps_rollup("smaps_rollup");
  static const FieldTable status("status");
  static const FieldTable io("io");
  return file == "io" ? io : file == "status" ? status : smaps_rollup;
}

void set_if_read(Snapshot& snapshot, int metric, std::optional<std::int64_t> value,
                 std::int64_t factor = 1) {
  if (value) snapshot.set(metric, *value * factor);
}

// The heap may be several neighbouring mappings: madvise and mprotect split them.
void set_heap(Snapshot& snapshot, std::string_view text) {
  std::optional<std::uint64_t> start;
  std::uint64_t end = 0;
  for (auto at = text.find("[heap]"); at != std::string_view::npos;
       at = text.find("[heap]", at + 1)) {
    const auto line_start = text.rfind('\n', at) + 1;  // npos + 1 is 0
    const auto entry = parse_map_line(text.substr(line_start, at + 6 - line_start));
    if (!entry) continue;
    start = std::min(start.value_or(entry->start), entry->start);
    end = std::max(end, entry->end);
  }
  snapshot.set(kHeapBytes, start ? static_cast<std::int64_t>(end - *start) : 0);
  if (!start) return;
  snapshot.set(kHeapStart, static_cast<std::int64_t>(*start));
  snapshot.set(kHeapTop, static_cast<std::int64_t>(end));
}

void list_maps(std::string_view text, std::vector<MapEntry>& maps) {
  maps.clear();
  while (const auto line = take_line(text))
    if (const auto entry = parse_map_line(*line)) maps.push_back(*entry);
}

}  // namespace

ProcessReader::ProcessReader(pid_t pid, bool keep_maps)
    : smaps_rollup_("/proc/" + std::to_string(pid) + "/smaps_rollup", table("smaps_rollup")),
      status_("/proc/" + std::to_string(pid) + "/status", table("status")),
      io_("/proc/" + std::to_string(pid) + "/io", table("io")),
      stat_("/proc/" + std::to_string(pid) + "/stat"),
      maps_file_("/proc/" + std::to_string(pid) + "/maps"),
      clear_refs_path_("/proc/" + std::to_string(pid) + "/clear_refs"),
      keep_maps_(keep_maps) {}

void ProcessReader::read(Snapshot& snapshot, Nulls& nulls) {
  read_stat(snapshot, nulls);
  smaps_rollup_.read(snapshot, nulls);
  status_.read(snapshot, nulls);
  io_.read(snapshot, nulls);
  read_maps(snapshot, nulls);
  if (!peaks_can_be_reset_) snapshot.erase(kPeak);
}

void ProcessReader::read_stat(Snapshot& snapshot, Nulls& nulls) {
  static const std::int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  const auto text = stat_.read();
  if (!text) {
    for (const char* name : {"minor_faults_count", "major_faults_count"})
      nulls.emplace(name, stat_.problem());
    return;
  }
  const StatFields fields = parse_stat(*text);
  set_if_read(snapshot, index_of("minor_faults_count"), fields.minor_faults);
  set_if_read(snapshot, index_of("major_faults_count"), fields.major_faults);
  set_if_read(snapshot, index_of("user_ns"), fields.user_ticks, tick_ns);
  set_if_read(snapshot, index_of("kernel_ns"), fields.kernel_ticks, tick_ns);
}

void ProcessReader::read_maps(Snapshot& snapshot, Nulls& nulls) {
  const auto text = maps_file_.read();
  if (!text) {
    maps_.clear();
    for (const char* name : {"maps_count", "heap_start_address", "heap_top_address", "heap_bytes"})
      nulls.emplace(name, maps_file_.problem());
    return;
  }
  snapshot.set(kMapsCount, std::count(text->begin(), text->end(), '\n'));
  set_heap(snapshot, *text);
  if (!snapshot.get(kHeapTop))
    for (const char* name : {"heap_start_address", "heap_top_address"})
      nulls.emplace(name, "the process has no brk heap");
  if (keep_maps_) list_maps(*text, maps_);
}

void ProcessReader::reset_peaks(Nulls& nulls) {
  if (!peaks_can_be_reset_) return;
  if (!clear_refs_)
    clear_refs_ = FileDescriptor(open(clear_refs_path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (clear_refs_ && pwrite(clear_refs_.number(), "5", 1, 0) == 1) return;
  peaks_can_be_reset_ = false;
  nulls.emplace("rss_peak_bytes", clear_refs_path_ + ": " + std::strerror(errno));
}

}  // namespace lab
