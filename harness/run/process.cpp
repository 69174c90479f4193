#include "harness/run/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace lab {

namespace {

constexpr std::size_t kTailBytes = 4096;
constexpr int kFirstFreeFd = 5;  // after stdio, socket and pages

[[noreturn]] void failed(const std::string& doing, int error = errno) {
  throw std::system_error(error, std::generic_category(), doing);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> launcher_arguments(const LaunchSpec& spec) {
  std::vector<std::string> arguments{spec.launcher, "parent=" + std::to_string(getpid())};
  arguments.insert(arguments.end(), spec.options.begin(), spec.options.end());
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), spec.program.begin(), spec.program.end());
  return arguments;
}

// The descriptors the launcher inherits; everything else is closed. Sources are first moved out of the
// way of the numbers they go to.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void inherit(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void discard_stdio() {
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  void close_from(int first) { posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Default signal handling and an empty mask, whatever the parent has set.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// Returns a close-on-exec duplicate above the inherited numbers.
FileDescriptor high(int fd) {
  FileDescriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeFd));
  if (!copy) failed("duplicating a descriptor");
  return copy;
}

}  // namespace

Process::Process(const LaunchSpec& spec) {
  int sockets[2];
  int pipes[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) failed("socketpair");
  socket_ = FileDescriptor(sockets[0]);
  const FileDescriptor their_socket(sockets[1]);
  if (pipe2(pipes, O_CLOEXEC) != 0) failed("pipe");
  stderr_ = FileDescriptor(pipes[0]);
  const FileDescriptor their_stderr(pipes[1]);
  fcntl(stderr_.number(), F_SETFL, O_NONBLOCK);

  const FileDescriptor socket_copy = high(their_socket.number());
  const FileDescriptor pages_copy = high(spec.pages_fd);
  const FileDescriptor stderr_copy = high(their_stderr.number());
  FileActions actions;
  actions.discard_stdio();
  actions.inherit(stderr_copy.number(), STDERR_FILENO);
  actions.inherit(socket_copy.number(), protocol::kSocketFd);
  actions.inherit(pages_copy.number(), protocol::kPagesFd);
  actions.close_from(kFirstFreeFd);

  const auto arguments = launcher_arguments(spec);
  const SpawnAttributes attributes;
  const int error = posix_spawn(&pid_, spec.launcher.c_str(), actions.get(), attributes.get(),
                                pointers_to(arguments).data(), pointers_to(spec.environment).data());
  if (error != 0) failed("starting " + spec.launcher, error);
  pidfd_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    const int cause = errno;
    kill();
    reap(true);
    failed("pidfd_open (Linux 5.3 or later is needed)", cause);
  }
}

Process::~Process() {
  if (reaped_ || pid_ < 0) return;
  kill();
  reap(true);
}

std::optional<protocol::Message> Process::receive() {
  protocol::Message message;
  const ssize_t got = recv(socket_.number(), &message, sizeof message, MSG_DONTWAIT);
  if (got != sizeof message) return std::nullopt;
  return message;
}

void Process::answer_go() {
  protocol::Message message{};
  message.kind = protocol::Kind::go;
  // A process that died meanwhile is noticed through its pidfd.
  [[maybe_unused]] const auto sent = send(socket_.number(), &message, sizeof message, MSG_NOSIGNAL);
}

bool Process::drain_stderr() {
  char buffer[16384];
  for (int rounds = 0; rounds < 16; ++rounds) {  // a flood must not keep the parent from its marks
    const ssize_t got = read(stderr_.number(), buffer, sizeof buffer);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    stderr_tail_.append(buffer, static_cast<std::size_t>(got));
    if (stderr_tail_.size() > kTailBytes) stderr_tail_.erase(0, stderr_tail_.size() - kTailBytes);
  }
  return true;
}

void Process::kill() {
  if (!reaped_) ::kill(pid_, SIGKILL);
}

std::optional<int> Process::reap(bool block) {
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(pid_, &status, block ? 0 : WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got != pid_) return std::nullopt;
  reaped_ = true;
  return status;
}

}  // namespace lab
