#include "harness/run/containment.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/run/child_environment.h"
#include "harness/run/swap_file.h"

namespace lab {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "alloclab-";

struct Root {
  fs::path directory;
  bool v2;
};

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::string read_all(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// This process's own group in a hierarchy: "4:memory:/user.slice" or "0::/user.slice".
std::string own_group(std::string_view controller) {
  std::ifstream stream("/proc/self/cgroup");
  std::string line;
  while (std::getline(stream, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::stringstream names(line.substr(first + 1, second - first - 1));
    std::string name;
    if (controller.empty() && second == first + 1) return line.substr(second + 1);
    while (std::getline(names, name, ','))
      if (name == controller) return line.substr(second + 1);
  }
  return {};
}

// Where memory cgroups can be made: v1's memory hierarchy, else v2 with the memory controller handed
// down to our own group.
std::vector<Root> roots() {
  std::vector<Root> found;
  const fs::path v1 = "/sys/fs/cgroup/memory";
  if (fs::exists(v1 / "memory.limit_in_bytes") || fs::exists(v1 / "cgroup.procs")) {
    const fs::path own = v1 / fs::path(own_group("memory")).relative_path();
    found.push_back({fs::exists(own) ? own : v1, false});
  }
  const fs::path v2 = "/sys/fs/cgroup";
  if (fs::exists(v2 / "cgroup.controllers")) {
    const fs::path own = v2 / fs::path(own_group("")).relative_path();
    for (const fs::path& candidate : {own, own.parent_path()})
      if (read_all(candidate / "cgroup.subtree_control").find("memory") != std::string::npos)
        found.push_back({candidate, true});
  }
  return found;
}

std::string write_file(const fs::path& file, const std::string& text) {
  const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return file.string() + ": " + strerror(errno);
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string problem = written ? "" : file.string() + ": " + strerror(errno);
  close(fd);
  return problem;
}

std::vector<pid_t> pids_in(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<pid_t> pids;
  for (pid_t pid; stream >> pid;)
    if (pid > 0) pids.push_back(pid);  // 0 stands for a process of another PID namespace
  return pids;
}

bool alive(pid_t pid) { return kill(pid, 0) == 0 || errno == EPERM; }

std::string describe(pid_t pid) {
  return first_line("/proc/" + std::to_string(pid) + "/comm") + " (pid " + std::to_string(pid) + ")";
}

// A removed group needs its last member reaped first: try for a little while.
bool remove_group(const fs::path& directory) {
  for (int tries = 0; tries < 50; ++tries) {
    if (rmdir(directory.c_str()) == 0) return true;
    if (errno != EBUSY) break;
    usleep(2000);
  }
  return false;
}

// Numbers of processes mean something only within one PID namespace: a container's are not ours.
bool in_our_pid_namespace(const fs::path& process) {
  std::error_code error;
  const auto theirs = fs::read_symlink(process / "ns/pid", error);
  return !error && theirs == fs::read_symlink("/proc/self/ns/pid", error);
}

// Processes that carry our variable (see child_environment.h) with the number of a parent that is gone.
std::vector<pid_t> processes_of_dead_parents() {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const pid_t pid = atoi(entry.path().filename().c_str());
    if (pid <= 0 || pid == getpid()) continue;
    const std::string environment = '\0' + read_all(entry.path() / "environ");
    const auto at = environment.find(std::string(1, '\0') + std::string(kParentVariable) + '=');
    if (at == std::string::npos) continue;
    const pid_t parent = atoi(environment.c_str() + at + kParentVariable.size() + 2);
    if (parent > 0 && !alive(parent) && in_our_pid_namespace(entry.path())) found.push_back(pid);
  }
  return found;
}

}  // namespace

RunCgroup::RunCgroup(int slot) {
  why_not_ = "no memory cgroup hierarchy that groups can be made in";
  for (const Root& root : roots()) {
    const fs::path directory = root.directory / (std::string(kPrefix) + std::to_string(getpid()) +
                                                 "-" + std::to_string(slot));
    if (mkdir(directory.c_str(), 0755) == 0 && fs::exists(directory / "cgroup.procs")) {
      directory_ = directory;
      v2_ = root.v2;
      why_not_.clear();
      return;
    }
    why_not_ = "making " + directory.string() + ": " + strerror(errno);
  }
}

RunCgroup::~RunCgroup() {
  if (!available()) return;
  kill_strays(members());
  remove_group(directory_);
}

std::string RunCgroup::limit(std::int64_t memory_bytes, std::int64_t swap_bytes) {
  if (!available()) return "a memory limit needs a cgroup: " + why_not_;
  const fs::path directory = directory_;
  const auto text = [](std::int64_t bytes) { return std::to_string(bytes); };
  if (v2_) {
    std::string problem = write_file(directory / "memory.max", text(memory_bytes));
    if (problem.empty() && swap_bytes >= 0)
      problem = write_file(directory / "memory.swap.max", text(swap_bytes));
    return problem;
  }
  std::string problem = write_file(directory / "memory.limit_in_bytes", text(memory_bytes));
  if (problem.empty() && swap_bytes >= 0)
    problem = write_file(directory / "memory.memsw.limit_in_bytes", text(memory_bytes + swap_bytes));
  return problem;
}

void RunCgroup::renew() {
  if (!available()) return;
  if (remove_group(directory_)) mkdir(directory_.c_str(), 0755);
  else unlimit();
}

void RunCgroup::unlimit() {
  const fs::path directory = directory_;
  if (v2_) {
    write_file(directory / "memory.max", "max");
    write_file(directory / "memory.swap.max", "max");
    return;
  }
  write_file(directory / "memory.memsw.limit_in_bytes", "-1");
  write_file(directory / "memory.limit_in_bytes", "-1");
}

std::int64_t RunCgroup::oom_kills() const {
  if (!available()) return 0;
  std::ifstream stream(fs::path(directory_) / (v2_ ? "memory.events" : "memory.oom_control"));
  std::string key;
  for (std::int64_t value; stream >> key >> value;)
    if (key == "oom_kill") return value;
  return 0;
}

std::vector<pid_t> RunCgroup::members() const {
  return available() ? pids_in(fs::path(directory_) / "cgroup.procs") : std::vector<pid_t>();
}

std::vector<std::string> kill_strays(const std::vector<pid_t>& pids) {
  std::vector<std::string> names;
  for (const pid_t pid : pids) {
    names.push_back(describe(pid));
    kill(pid, SIGKILL);
  }
  for (const pid_t pid : pids) waitpid(pid, nullptr, 0);  // fails at once for others' children
  return names;
}

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::vector<pid_t> unknown_children(const std::vector<pid_t>& known) {
  const std::string self = std::to_string(getpid());
  auto children = pids_in("/proc/" + self + "/task/" + self + "/children");
  std::erase_if(children, [&](pid_t pid) {
    return std::find(known.begin(), known.end(), pid) != known.end();
  });
  return children;
}

std::vector<std::string> clean_up_after_killed_parents() {
  std::vector<std::string> found = remove_left_swap_files();
  for (const std::string& stray : kill_strays(processes_of_dead_parents()))
    found.push_back("ended " + stray + ", left by a killed alloclab");
  for (const Root& root : roots()) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(root.directory, ignored)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(kPrefix) || !entry.is_directory(ignored)) continue;
      const pid_t owner = atoi(name.c_str() + kPrefix.size());
      if (owner <= 0 || alive(owner)) continue;
      for (const std::string& stray : kill_strays(pids_in(entry.path() / "cgroup.procs")))
        found.push_back("ended " + stray + ", left by a killed alloclab");
      if (remove_group(entry.path()))
        found.push_back("removed cgroup " + entry.path().string() + ", left by a killed alloclab");
    }
  }
  return found;
}

}  // namespace lab
