// Page touches that no compiler removes. Touch k of a block is the byte k pages behind its start.
// Never allocates.
#pragma once

#include <cstddef>

namespace lab {

inline void write_pages(void* block, std::size_t pages, std::size_t page_bytes) {
  auto* bytes = static_cast<volatile unsigned char*>(block);
  for (std::size_t page = 0; page < pages; ++page) bytes[page * page_bytes] = 1;
}

inline void read_pages(const void* block, std::size_t pages, std::size_t page_bytes) {
  const auto* bytes = static_cast<const volatile unsigned char*>(block);
  for (std::size_t page = 0; page < pages; ++page) static_cast<void>(bytes[page * page_bytes]);
}

inline void touch_pages(void* block, std::size_t pages, std::size_t page_bytes, bool write) {
  if (write) write_pages(block, pages, page_bytes);
  else read_pages(block, pages, page_bytes);
}

// Writes one byte of every page that overlaps [block, block + bytes).
inline void write_range(void* block, std::size_t bytes, std::size_t page_bytes) {
  if (bytes == 0) return;
  write_pages(block, (bytes + page_bytes - 1) / page_bytes, page_bytes);
  static_cast<volatile unsigned char*>(block)[bytes - 1] = 1;
}

}  // namespace lab
