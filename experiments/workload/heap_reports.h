// The three reports that libc gives about its heap, read as numbers: mallinfo2, malloc_info (XML)
// and malloc_stats (text on stderr). They speak of libc's own heap even when another allocator
// serves malloc. All memory they need is taken when the object is made, before the first mark.
#pragma once

#include <cstdint>
#include <cstdio>

#include "harness/contract/context.h"

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

class HeapReports {
 public:
  explicit HeapReports(Context& lab);

  HeapReport mallinfo();
  HeapReport malloc_info();
  HeapReport malloc_stats();

 private:
  static constexpr std::size_t kTextBytes = 64 * 1024;

  Context& lab_;
  char* text_;
  std::FILE* xml_stream_;
  int text_file_;
};

}  // namespace lab
