// A small kernel file that is read again and again: opened at the first read, then one pread from
// the start each time into a buffer that is kept. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sample/file_descriptor.h"

namespace lab {

class RereadFile {
 public:
  explicit RereadFile(std::string path) : path_(std::move(path)) {}

  // Returns the whole text, valid until the next read(), or nothing: see problem().
  std::optional<std::string_view> read();

  const std::string& path() const { return path_; }
  // Why the last read gave nothing: "/proc/12/io: Permission denied".
  std::string problem() const;

 private:
  std::string path_;
  FileDescriptor file_;
  std::vector<char> buffer_;
  int error_ = 0;
};

}  // namespace lab
