// The three reports that libc gives about its heap, read as numbers: mallinfo2, malloc_info (XML)
// and malloc_stats (text on stderr). They speak of libc's own heap even when another allocator
// serves malloc. All memory they need is taken when the object is made, before the first mark, and
// each is asked once, so that its first call is warm.
#pragma once

#include <cstdint>
#include <cstdio>

#include "experiments/workload/describe.h"

namespace lab {

// What a report says of arenas and mapped blocks together.
struct HeapReport {
  std::int64_t system_bytes;  // obtained from the kernel
  std::int64_t in_use_bytes;
};

// The totals of malloc_info's XML. Returns false when a field is missing.
bool parse_malloc_info(const char* xml, HeapReport& report);
// The totals of malloc_stats' text.
bool parse_malloc_stats(const char* text, HeapReport& report);

inline constexpr Metric kHeapReportMetrics[] = {
    observed("mallinfo_system_bytes", "byte", "mallinfo2: arena + hblkhd"),
    observed("mallinfo_in_use_bytes", "byte", "mallinfo2: uordblks + hblkhd"),
    observed("malloc_info_system_bytes", "byte", "malloc_info: current + mmap"),
    observed("malloc_info_in_use_bytes", "byte", "malloc_info: the same less fast and rest"),
    observed("malloc_stats_system_bytes", "byte", "malloc_stats: total system bytes"),
    observed("malloc_stats_in_use_bytes", "byte", "malloc_stats: total in use bytes"),
    observed("in_use_spread_bytes", "byte", "in use: the largest report less the smallest"),
};

class HeapReports {
 public:
  explicit HeapReports(Context& lab);

  HeapReport mallinfo();
  HeapReport malloc_info();
  HeapReport malloc_stats();

  // Observes all three with the running phase, as kHeapReportMetrics.
  void observe();

 private:
  static constexpr std::size_t kTextBytes = 64 * 1024;

  Context& lab_;
  char* text_;
  std::FILE* xml_stream_;
  int text_file_;
};

}  // namespace lab
