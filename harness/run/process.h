// A measured process from the parent's side: started through the launcher, talked to over a socket,
// watched through a pidfd, killed and reaped on destruction. Must be used by the thread that made it:
// the parent-death signal is bound to that thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/child/protocol.h"
#include "harness/sample/file_descriptor.h"

namespace lab {

struct LaunchSpec {
  std::string launcher;                  // path of alloclab-launch
  std::vector<std::string> options;      // "cgroup=DIR", "cpus=0,1", …
  std::vector<std::string> program;      // path and arguments of the measured program
  std::vector<std::string> environment;  // NAME=VALUE
  int pages_fd = -1;
};

class Process {
 public:
  // Throws std::system_error when the launcher cannot be started.
  explicit Process(const LaunchSpec& spec);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  int socket() const { return socket_.number(); }
  int exit_watch() const { return pidfd_.number(); }
  int stderr_pipe() const { return stderr_.number(); }

  // Returns the next message, or nothing when there is none (any more).
  std::optional<protocol::Message> receive();
  void answer_go();
  void close_socket() { socket_ = FileDescriptor(); }

  // Takes what the process has printed to stderr, keeping the last 4 KiB. Returns false at its end.
  bool drain_stderr();
  const std::string& stderr_tail() const { return stderr_tail_; }

  void kill();
  // Returns the wait status once the process has ended; reaps it.
  std::optional<int> reap(bool block = false);

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  FileDescriptor socket_;
  FileDescriptor stderr_;
  FileDescriptor pidfd_;
  std::string stderr_tail_;
};

}  // namespace lab
