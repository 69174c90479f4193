#include "harness/run/file_origin.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>

extern char** environ;

namespace lab {
namespace {

std::string read_to_end(int fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string sha256_of(const std::string& path) {
  int exit_code = 0;
  const std::string line = output_of({"sha256sum", "--", path}, exit_code);
  // A backslash in front of the digest means: the file name was escaped.
  const std::size_t start = line.starts_with('\\') ? 1 : 0;
  return exit_code == 0 && line.size() >= start + 64 ? line.substr(start, 64) : std::string();
}

// dpkg knows a file by the name in its package: /lib/… where the system says /usr/lib/….
std::string owning_package(const std::string& path, int& exit_code) {
  std::vector<std::string> command{"dpkg-query", "--search", path};
  if (path.starts_with("/usr/")) command.push_back(path.substr(4));
  const std::string line = output_of(command, exit_code);
  return line.substr(0, line.find(": "));
}

FileOrigin look_up(const std::string& path) {
  FileOrigin result;
  result.sha256 = sha256_of(path);
  int exit_code = 0;
  const std::string package = owning_package(path, exit_code);
  if (exit_code == 127) {
    result.reason = "no dpkg-query here to ask for the package";
  } else if (package.empty()) {
    result.reason = "no Debian package owns " + path;
  } else {
    const std::string version =
        output_of({"dpkg-query", "--show", "--showformat=${Version}", package}, exit_code);
    result.origin = "Debian " + package.substr(0, package.find(':')) + " " + version;
  }
  return result;
}

}  // namespace

std::string output_of(const std::vector<std::string>& command, int& exit_code) {
  int ends[2];
  exit_code = 127;
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text = error == 0 ? read_to_end(ends[0]) : std::string();
  close(ends[0]);
  if (error == 0) exit_code = exit_code_of(pid);
  return text;
}

const FileOrigin& file_origin(const std::string& path) {
  static std::map<std::string, FileOrigin> known;
  auto found = known.find(path);
  if (found == known.end()) found = known.emplace(path, look_up(path)).first;
  return found->second;
}

}  // namespace lab
