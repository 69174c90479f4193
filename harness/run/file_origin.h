// What a file is and who brought it: its SHA-256 and its Debian package. Asks sha256sum and
// dpkg-query, and remembers the answers for the life of the process. Main thread only.
#pragma once

#include <string>
#include <vector>

namespace lab {

struct FileOrigin {
  std::string sha256;  // 64 hexadecimal digits; empty when the file cannot be read
  std::string origin;  // "Debian libjemalloc2 5.3.0-1"; empty when unknown
  std::string reason;  // why `origin` is unknown
};

// Requires an absolute path without symbolic links.
const FileOrigin& file_origin(const std::string& path);

// Returns what a program, found on PATH, writes to standard output; its standard error is dropped.
// Sets `exit_code` to 127 when it cannot be started.
std::string output_of(const std::vector<std::string>& command, int& exit_code);

}  // namespace lab
