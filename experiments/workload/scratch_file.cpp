#include "experiments/workload/scratch_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <string_view>

namespace lab {

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr long kTmpfsMagic = 0x01021994;
constexpr long kCachestat = 451;

alignas(4096) unsigned char buffer[kBufferBytes];

void fill_buffer() {
  for (std::size_t i = 0; i < kBufferBytes; ++i)
    buffer[i] = static_cast<unsigned char>(1 + i % 255);
}

int open_nameless() {
  for (const char* folder : {"/var/tmp", ".", "/tmp"}) {
    struct statfs system;
    if (statfs(folder, &system) != 0 || system.f_type == kTmpfsMagic) continue;
    const int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
  }
  return -1;
}

// Returns the kernel's name of a block device ("vda"), empty when it has none.
std::string device_name(dev_t device) {
  std::ifstream file("/sys/dev/block/" + std::to_string(major(device)) + ":" +
                     std::to_string(minor(device)) + "/uevent");
  constexpr std::string_view kKey = "DEVNAME=";
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  return {};
}

}  // namespace

ScratchFile::ScratchFile(Context& lab) : lab_(lab), file_(open_nameless()) {
  if (file_ < 0) lab.skip("no disk-backed folder for a scratch file: /var/tmp, ., /tmp");
  fill_buffer();
}

ScratchFile::~ScratchFile() { close(file_); }

void ScratchFile::write(std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t left = bytes - done;
    const ssize_t step =
        pwrite(file_, buffer, left < kBufferBytes ? left : kBufferBytes, static_cast<off_t>(done));
    if (step <= 0) lab_.fail("writing the scratch file failed");
    done += static_cast<std::size_t>(step);
  }
}

void ScratchFile::read(std::size_t bytes) { read_all(lab_, file_, bytes); }

void ScratchFile::random_access() { posix_fadvise(file_, 0, 0, POSIX_FADV_RANDOM); }

void ScratchFile::evict() {
  fsync(file_);
  posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED);
}

CacheState ScratchFile::cache_state() {
  struct {
    std::uint64_t offset, length;
  } range{0, 0};
  struct {
    std::uint64_t cache, dirty, writeback, evicted, recently_evicted;
  } state{};
  if (syscall(kCachestat, file_, &range, &state, 0) != 0) lab_.skip("cachestat(2) is missing here");
  return {static_cast<std::int64_t>(state.cache), static_cast<std::int64_t>(state.dirty),
          static_cast<std::int64_t>(state.evicted)};
}

int open_device_of(Context& lab, const ScratchFile& file) {
  struct stat status;
  if (fstat(file.number(), &status) != 0) lab.fail("fstat of the scratch file failed");
  const std::string name = device_name(status.st_dev);
  const int device = name.empty() ? -1 : open(("/dev/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (device < 0) lab.skip("the block device under the scratch file cannot be read");
  return device;
}

void read_all(Context& lab, int file, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t left = bytes - done;
    const ssize_t step =
        pread(file, buffer, left < kBufferBytes ? left : kBufferBytes, static_cast<off_t>(done));
    if (step <= 0) lab.fail("reading failed");
    done += static_cast<std::size_t>(step);
  }
}

}  // namespace lab
