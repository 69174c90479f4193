// A nameless file on a disk-backed file system: nothing is left behind, however the run ends.
// Requires: made before the first mark. Its work goes through a static buffer, not the heap.
#pragma once

#include <cstddef>

#include "harness/contract/context.h"

namespace lab {

struct CacheState {
  std::int64_t cached_pages;
  std::int64_t dirty_pages;
  std::int64_t evicted_pages;
};

class ScratchFile {
 public:
  // Creates an empty file. Skips the run where no disk-backed folder can be written.
  explicit ScratchFile(Context& lab);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  int number() const { return file_; }

  // Writes `bytes` of data that does not compress to zero pages, from the start.
  void write(std::size_t bytes);
  // Reads `bytes` from the start with read(2).
  void read(std::size_t bytes);
  // Reads nothing ahead of what is asked for, from now on.
  void random_access();
  // Writes dirty pages to the disk and drops the file from the page cache.
  void evict();
  // What the page cache holds of the file. Skips the run where cachestat(2) is missing.
  CacheState cache_state();

 private:
  Context& lab_;
  int file_;
};

// Opens the block device that holds `file` for reading; skips the run where that is not permitted.
// Requires: before the first mark (uses the heap).
int open_device_of(Context& lab, const ScratchFile& file);
// Reads `bytes` of an open file from its start.
void read_all(Context& lab, int file, std::size_t bytes);

}  // namespace lab
