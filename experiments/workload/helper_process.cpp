#include "experiments/workload/helper_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "experiments/workload/mapping.h"

namespace lab {

struct HelperProcess::Shared {
  std::int64_t minor_faults;
};

namespace {

std::int64_t own_minor_faults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

}  // namespace

HelperProcess::HelperProcess(Context& lab, Work work, void* memory) {
  int down[2], up[2];
  shared_ = reinterpret_cast<Shared*>(map_memory(lab, sizeof(Shared), MAP_SHARED | MAP_POPULATE));
  if (pipe(down) != 0 || pipe(up) != 0) lab.fail("pipe failed");
  const pid_t body = getpid();
  pid_ = fork();
  if (pid_ < 0) lab.fail("fork failed");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != body) _exit(1);
    close(down[1]);
    close(up[0]);
    for (unsigned char number; read(down[0], &number, 1) == 1;) {
      const std::int64_t before = own_minor_faults();
      work(number, memory);
      shared_->minor_faults = own_minor_faults() - before;
      if (write(up[1], &number, 1) != 1) break;
    }
    _exit(0);
  }
  close(down[0]);
  close(up[1]);
  commands_ = down[1];
  answers_ = up[0];
}

HelperProcess::~HelperProcess() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  finish();
  unmap(shared_, sizeof(Shared));
}

bool HelperProcess::step(int number) {
  auto command = static_cast<unsigned char>(number);
  return write(commands_, &command, 1) == 1 && read(answers_, &command, 1) == 1;
}

std::int64_t HelperProcess::step_minor_faults() const { return shared_->minor_faults; }

int HelperProcess::finish() {
  if (pid_ <= 0) return 0;
  close(commands_);
  close(answers_);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace lab
