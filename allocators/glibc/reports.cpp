#include "allocators/glibc/reports.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/contract/point.h"

namespace lab::glibc_reports {
namespace {

// Where a number stands in the text of malloc_info or malloc_stats: after the last `section`.
struct Place {
  std::string_view metric;
  std::string_view section;
  std::string_view label;
};
constexpr Place kInfoPlaces[] = {
    {"glibc_info_fast_bytes", "</heap>\n<total type=\"fast\"", "size"},
    {"glibc_info_rest_bytes", "<total type=\"rest\"", "size"},
    {"glibc_info_mmap_bytes", "<total type=\"mmap\"", "size"},
    {"glibc_info_system_bytes", "<system type=\"current\"", "size"},
};
constexpr Place kStatsPlaces[] = {
    {"glibc_stats_system_bytes", "Total (incl. mmap)", "system bytes"},
    {"glibc_stats_in_use_bytes", "Total (incl. mmap)", "in use bytes"},
};

// Points stderr, which is unbuffered and so allocates nothing, at a memory file.
class StderrCapture {
 public:
  StderrCapture() : saved_(dup(STDERR_FILENO)), file_(memfd_create("report", MFD_CLOEXEC)) {
    if (saved_ >= 0 && file_ >= 0) dup2(file_, STDERR_FILENO);
  }
  ~StderrCapture() {
    if (saved_ >= 0) dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(file_);
  }
  StderrCapture(const StderrCapture&) = delete;
  StderrCapture& operator=(const StderrCapture&) = delete;

  // Returns what was written; only the end of it when it does not fit.
  std::string_view text(std::span<char> buffer) const {
    if (saved_ < 0 || file_ < 0) return {};
    const off_t written = lseek(file_, 0, SEEK_END);
    const off_t start = std::max<off_t>(0, written - static_cast<off_t>(buffer.size()));
    const ssize_t count = pread(file_, buffer.data(), buffer.size(), start);
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  int saved_;
  int file_;
};

template <class Report>
void put_text(StatisticsSink& sink, std::span<const Place> places, Report report) {
  char buffer[2048];
  const StderrCapture capture;
  report();
  const std::string_view text = capture.text(buffer);
  for (const Place& place : places)
    if (const auto number = number_after(text, place.section, place.label))
      sink.put(place.metric, *number);
}

void put_mallinfo2(StatisticsSink& sink) {
  const struct mallinfo2 info = mallinfo2();
  const std::size_t values[] = {info.arena,    info.ordblks, info.smblks,  info.hblks,
                                info.hblkhd,   info.usmblks, info.fsmblks, info.uordblks,
                                info.fordblks, info.keepcost};
  for (std::size_t i = 0; i < std::size(values); ++i)
    sink.put(kMetrics[i].name, static_cast<std::int64_t>(values[i]));
  sink.put("allocator_live_bytes", static_cast<std::int64_t>(info.uordblks + info.hblkhd));
  sink.put("allocator_free_bytes", static_cast<std::int64_t>(info.fordblks));
  sink.put("allocator_mapped_bytes", static_cast<std::int64_t>(info.arena + info.hblkhd));
}

}  // namespace

void put_all(StatisticsSink& sink) {
  put_mallinfo2(sink);
  put_text(sink, kInfoPlaces, [] { malloc_info(0, stderr); });
  put_text(sink, kStatsPlaces, [] { malloc_stats(); });
}

std::optional<std::int64_t> number_after(std::string_view text, std::string_view section,
                                         std::string_view label) {
  const std::size_t start = text.rfind(section);
  if (start == text.npos) return std::nullopt;
  text.remove_prefix(start + section.size());
  const std::size_t at = text.find(label);
  if (at == text.npos) return std::nullopt;
  text.remove_prefix(at + label.size());
  const std::size_t digits = text.find_first_not_of(" =\"");
  if (digits == text.npos) return std::nullopt;
  text.remove_prefix(digits);
  return number_from(text.substr(0, text.find_first_not_of("0123456789")));
}

}  // namespace lab::glibc_reports
