// alloclab-launch OPTION=VALUE… -- PROGRAM ARGUMENT…: between the parent and the measured program.
// Sets what a process can only set for itself (parent-death signal, process group, cgroups, affinity,
// limits, personality), tells the parent it is ready, waits while the parent opens its events on
// this process, then becomes the program. Static and without preload, so that it costs little and
// no allocator runs in it. The environment is already the program's.
//
//   parent=PID      fail when the parent is no longer this process
//   cgroup=DIR      join DIR (repeatable)
//   cpus=0,2        run on these CPUs only
//   aslr=off        switch address space randomisation off; a refusal is a warning
//   address_space=N limit the address space to N bytes
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/child/channel.h"

namespace {

using namespace lab;
using namespace lab::child;

[[noreturn]] void refuse(protocol::SharedPages& pages, const char* doing, const char* what) {
  char reason[512];
  snprintf(reason, sizeof reason, "launcher: %s %s: %s", doing, what, strerror(errno));
  leave(pages, protocol::Kind::fail, reason);
}

void die_with_parent(protocol::SharedPages& pages, const char* parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != atoi(parent)) refuse(pages, "parent is gone:", parent);
}

void join_cgroup(protocol::SharedPages& pages, const char* directory) {
  char path[512];
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "0", 1) != 1) refuse(pages, "joining cgroup", directory);
  close(file);
}

void pin(protocol::SharedPages& pages, const char* cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const char* at = cpus; *at != '\0';) {
    char* end = nullptr;
    CPU_SET(strtoul(at, &end, 10), &set);
    if (end == at) break;
    at = *end == ',' ? end + 1 : end;
  }
  if (sched_setaffinity(0, sizeof set, &set) != 0) refuse(pages, "pinning to CPUs", cpus);
}

void switch_aslr_off(protocol::SharedPages& pages) {
  const int now = personality(0xffffffff);
  if (now == -1 || personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) == -1)
    put_text(pages.warning, sizeof pages.warning,
             "ASLR stays on: personality() was refused (seccomp?); counts may vary by a few");
}

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

void apply(protocol::SharedPages& pages, const char* option) {
  const char* equals = strchr(option, '=');
  const char* value = equals == nullptr ? "" : equals + 1;
  const std::string_view name(option, equals == nullptr ? strlen(option)
                                                         : static_cast<std::size_t>(equals - option));
  if (name == "parent") die_with_parent(pages, value);
  else if (name == "cgroup") join_cgroup(pages, value);
  else if (name == "cpus") pin(pages, value);
  else if (name == "aslr") switch_aslr_off(pages);
  else if (name == "address_space") limit(RLIMIT_AS, strtoull(value, nullptr, 10));
  else refuse(pages, "unknown option", option);
}

}  // namespace

int main(int argc, char** argv) {
  auto& pages = map_shared_pages(Pages::on_demand);
  setpgid(0, 0);
  limit(RLIMIT_CORE, 0);
  int at = 1;
  while (at < argc && strcmp(argv[at], "--") != 0) apply(pages, argv[at++]);
  if (++at >= argc) leave(pages, protocol::Kind::fail, "launcher: no program given");

  protocol::Message ready{};
  ready.kind = protocol::Kind::ready;
  exchange(ready);
  execv(argv[at], argv + at);
  refuse(pages, "starting", argv[at]);
}
