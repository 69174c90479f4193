#include "harness/run/swap_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/swap.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lab {

namespace {

constexpr const char* kFolder = "/var/tmp";
constexpr std::string_view kPrefix = "alloclab-swap-";

std::string refused(const char* doing, const std::string& path) {
  return std::string("a swap file needs root and a file system that allows it: ") + doing + " " + path +
         ": " + strerror(errno);
}

// The first page of a swap area, as mkswap(8) writes it: version 1, the number of the last page, and
// the magic at the page's end (include/linux/swap.h, union swap_header).
bool write_header(int fd, std::int64_t bytes) {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::string page(page_bytes, '\0');
  const std::array<std::uint32_t, 2> info{1, static_cast<std::uint32_t>(
                                                 bytes / static_cast<std::int64_t>(page_bytes) - 1)};
  std::memcpy(page.data() + 1024, info.data(), sizeof info);
  std::memcpy(page.data() + page_bytes - 10, "SWAPSPACE2", 10);
  return pwrite(fd, page.data(), page.size(), 0) == static_cast<ssize_t>(page.size()) && fsync(fd) == 0;
}

}  // namespace

SwapFile::~SwapFile() {
  if (path_.empty()) return;
  swapoff(path_.c_str());
  unlink(path_.c_str());
}

std::string SwapFile::enable(std::int64_t bytes) {
  static std::atomic<int> made_here{0};  // runs of one process may overlap
  const std::string path = std::string(kFolder) + "/" + std::string(kPrefix) +
                           std::to_string(getpid()) + "-" + std::to_string(++made_here);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return refused("making", path);
  path_ = path;
  const bool made = fallocate(fd, 0, 0, bytes) == 0 && write_header(fd, bytes);
  std::string problem = made ? "" : refused("filling", path_);
  close(fd);
  if (problem.empty() && swapon(path_.c_str(), 0) != 0) problem = refused("enabling", path_);
  if (!problem.empty()) {
    unlink(path_.c_str());
    path_.clear();
  }
  return problem;
}

std::vector<std::string> remove_left_swap_files() {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    const int owner = atoi(name.c_str() + kPrefix.size());
    if (owner <= 0 || kill(owner, 0) == 0 || errno == EPERM) continue;
    swapoff(entry.path().c_str());
    if (unlink(entry.path().c_str()) == 0)
      found.push_back("removed swap file " + entry.path().string() + ", left by a killed alloclab");
  }
  return found;
}

}  // namespace lab
