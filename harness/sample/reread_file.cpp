#include "harness/sample/reread_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace lab {

std::optional<std::string_view> RereadFile::read() {
  if (!file_) file_ = FileDescriptor(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_) {
    error_ = errno;
    return std::nullopt;
  }
  if (buffer_.empty()) buffer_.resize(4096);
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = pread(file_.number(), buffer_.data() + size, buffer_.size() - size,
                              static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error_ = errno;
      return std::nullopt;
    }
    if (got == 0) return std::string_view(buffer_.data(), size);
    size += static_cast<std::size_t>(got);
    if (size == buffer_.size()) buffer_.resize(2 * size);
  }
}

std::string RereadFile::problem() const { return path_ + ": " + std::strerror(error_); }

}  // namespace lab
