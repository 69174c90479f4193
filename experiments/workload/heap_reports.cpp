#include "experiments/workload/heap_reports.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace lab {

namespace {

// Returns the number in `field` of the last element that begins with `element`, or -1.
std::int64_t field_of_last(const char* xml, const char* element, const char* field) {
  const char* last = nullptr;
  for (const char* found = strstr(xml, element); found != nullptr;
       found = strstr(found + 1, element))
    last = found;
  if (last == nullptr) return -1;
  const char* value = strstr(last, field);
  return value == nullptr ? -1 : std::strtoll(value + strlen(field), nullptr, 10);
}

}  // namespace

bool parse_malloc_info(const char* xml, HeapReport& report) {
  const std::int64_t current = field_of_last(xml, "<system type=\"current\"", "size=\"");
  // glibc 2.43 has no fast bins and leaves the element out.
  const std::int64_t fast =
      std::max<std::int64_t>(0, field_of_last(xml, "<total type=\"fast\"", "size=\""));
  const std::int64_t rest = field_of_last(xml, "<total type=\"rest\"", "size=\"");
  const std::int64_t mapped = field_of_last(xml, "<total type=\"mmap\"", "size=\"");
  if (current < 0 || rest < 0 || mapped < 0) return false;
  report = {current + mapped, current - fast - rest + mapped};
  return true;
}

bool parse_malloc_stats(const char* text, HeapReport& report) {
  const char* total = strstr(text, "Total (incl. mmap):");
  if (total == nullptr) return false;
  const auto number = [total](const char* key) {
    const char* equals = strstr(total, key) == nullptr ? nullptr : strchr(strstr(total, key), '=');
    return equals == nullptr ? std::int64_t{-1} : std::strtoll(equals + 1, nullptr, 10);
  };
  report = {number("system bytes"), number("in use bytes")};
  return report.system_bytes >= 0 && report.in_use_bytes >= 0;
}

HeapReports::HeapReports(Context& lab)
    : lab_(lab),
      text_(static_cast<char*>(lab.scratch(kTextBytes))),
      xml_stream_(fmemopen(text_, kTextBytes, "w")),
      text_file_(memfd_create("malloc_stats", MFD_CLOEXEC)) {
  if (xml_stream_ == nullptr || text_file_ < 0) lab.fail("no place for the heap's reports");
  mallinfo();
  malloc_info();
  malloc_stats();
}

HeapReport HeapReports::mallinfo() {
  const struct mallinfo2 info = mallinfo2();
  return {static_cast<std::int64_t>(info.arena + info.hblkhd),
          static_cast<std::int64_t>(info.uordblks + info.hblkhd)};
}

HeapReport HeapReports::malloc_info() {
  HeapReport report{};
  std::rewind(xml_stream_);
  if (::malloc_info(0, xml_stream_) != 0) lab_.fail("malloc_info failed");
  std::fflush(xml_stream_);
  if (!parse_malloc_info(text_, report)) lab_.skip("malloc_info reports in a format of its own: no totals found");
  return report;
}

HeapReport HeapReports::malloc_stats() {
  HeapReport report{};
  const int stderr_file = dup(STDERR_FILENO);
  dup2(text_file_, STDERR_FILENO);
  ::malloc_stats();
  dup2(stderr_file, STDERR_FILENO);
  close(stderr_file);
  const ssize_t length = pread(text_file_, text_, kTextBytes - 1, 0);
  text_[length > 0 ? length : 0] = '\0';
  if (ftruncate(text_file_, 0) != 0 || lseek(text_file_, 0, SEEK_SET) != 0)
    lab_.fail("the file for malloc_stats cannot be emptied");
  if (!parse_malloc_stats(text_, report)) lab_.skip("malloc_stats reports in a format of its own: no totals found");
  return report;
}

void HeapReports::observe() {
  const HeapReport info = mallinfo();
  const HeapReport xml = malloc_info();
  const HeapReport text = malloc_stats();
  const auto [least, most] = std::minmax({info.in_use_bytes, xml.in_use_bytes, text.in_use_bytes});
  lab_.observe("mallinfo_system_bytes", info.system_bytes);
  lab_.observe("mallinfo_in_use_bytes", info.in_use_bytes);
  lab_.observe("malloc_info_system_bytes", xml.system_bytes);
  lab_.observe("malloc_info_in_use_bytes", xml.in_use_bytes);
  lab_.observe("malloc_stats_system_bytes", text.system_bytes);
  lab_.observe("malloc_stats_in_use_bytes", text.in_use_bytes);
  lab_.observe("in_use_spread_bytes", most - least);
}

}  // namespace lab
