// The journal of a result: runs.jsonl, append-only, one write a run, synced at least every second.
// Reading drops a torn last line; a torn line in the middle is corruption.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/record/run_record.h"

namespace lab {

class Journal {
 public:
  // Opens for appending; a torn last line is cut off first. Throws BadInput when it cannot be opened.
  explicit Journal(const std::filesystem::path& file);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Throws ResultLost when the line could not be written whole; the file then ends before it.
  void append(const RunRecord& record);
  // Marks an earlier run as superseded by a repeated block.
  void supersede(const std::string& run);
  void sync();

 private:
  void write_line(std::string line);

  std::filesystem::path file_;
  int fd_;
  std::chrono::steady_clock::time_point synced_;
};

struct JournalContent {
  std::vector<RunRecord> runs;  // without superseded ones
  std::size_t lines = 0;        // all of them: run ids count on
  bool torn = false;            // a last line was dropped
};

// Throws BadInput that names file and line when the content is not a journal.
JournalContent read_journal(const std::filesystem::path& file);

}  // namespace lab
