#include "harness/sample/tracefs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "harness/sample/proc_parsers.h"

namespace lab {
namespace {

// Opens `path` when a tracefs is mounted there. Otherwise leaves the cause in errno.
FileDescriptor open_mounted(const char* path) {
  FileDescriptor folder(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && faccessat(folder.number(), "events", F_OK, 0) == 0) return folder;
  return {};
}

// By number: glibc has had wrappers only since 2.36.
FileDescriptor mount_detached() {
  const FileDescriptor context(static_cast<int>(syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC)));
  if (!context) return {};
  if (syscall(SYS_fsconfig, context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return {};
  return FileDescriptor(
      static_cast<int>(syscall(SYS_fsmount, context.number(), FSMOUNT_CLOEXEC, 0)));
}

}  // namespace

Tracefs::Tracefs() {
  bool denied = false;
  for (const char* path : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    folder_ = open_mounted(path);
    place_ = path;
    if (folder_) return;
    denied = denied || errno == EACCES;
  }
  place_ = "mounted for this process";
  folder_ = mount_detached();
  if (folder_) return;
  place_.clear();
  problem_ = denied ? "tracefs cannot be read (EACCES); alloclab doctor says what it takes"
                    : "tracefs is not mounted; alloclab doctor says what it takes";
}

std::optional<std::uint64_t> Tracefs::id(std::string_view tracepoint) const {
  std::string path = "events/" + std::string(tracepoint) + "/id";
  path[path.find(':')] = '/';
  const FileDescriptor file(openat(folder_.number(), path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[32];
  const ssize_t got = ::read(file.number(), text, sizeof text);
  if (got <= 0) return std::nullopt;
  std::string_view digits(text, static_cast<std::size_t>(got));
  const auto number = take_number(digits);
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

}  // namespace lab
