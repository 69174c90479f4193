#include "harness/sample/timeline.h"

#include <fcntl.h>

#include <string>

#include "harness/sample/proc_parsers.h"

namespace lab {

std::optional<TimelineSample> Timeline::sample(std::int64_t now_ns) {
  if (!file_) {
    const std::string path = "/proc/" + std::to_string(pid_) + "/statm";
    file_ = FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  char text[256];
  const ssize_t got = pread(file_.number(), text, sizeof text, 0);
  if (got <= 0) return std::nullopt;
  const auto pages = parse_statm({text, static_cast<std::size_t>(got)});
  if (!pages) return std::nullopt;
  static const std::int64_t page_bytes = sysconf(_SC_PAGESIZE);
  return TimelineSample{now_ns, pages->size * page_bytes, pages->resident * page_bytes,
                        pages->shared * page_bytes};
}

}  // namespace lab
