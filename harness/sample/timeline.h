// Memory of a running process over time, from /proc/PID/statm alone: about 10 µs a sample whatever
// the size, and the process is not stopped. The caller drives the timing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "harness/sample/file_descriptor.h"

namespace lab {

struct TimelineSample {
  std::int64_t t_ns;
  std::int64_t size_bytes;
  std::int64_t resident_bytes;
  std::int64_t shared_bytes;  // resident file and shared-memory pages
};

class Timeline {
 public:
  // Opens the file at the first sample(), which must come after the exec.
  explicit Timeline(pid_t pid) : pid_(pid) {}

  // Returns nothing when the process is gone.
  std::optional<TimelineSample> sample(std::int64_t now_ns);

 private:
  pid_t pid_;
  FileDescriptor file_;
};

}  // namespace lab
