// A measured program that misbehaves in one way, named by its first argument: the tests of everything a
// run must survive. Speaks the child's protocol; its second argument is ignored.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/child/channel.h"
#include "harness/child/proof.h"

namespace {

using namespace lab;
using namespace lab::child;

void say(protocol::Kind kind, std::int32_t phase = 0) {
  protocol::Message message{};
  message.kind = kind;
  message.phase = phase;
  message.live_bytes = message.live_blocks = protocol::kUnknown;
  exchange(message);
}

void hello(protocol::SharedPages& pages) {
  prove_who_serves(pages);
  say(protocol::Kind::hello);
}

void behave_well(protocol::SharedPages& pages) {
  hello(pages);
  say(protocol::Kind::mark, 0);
  say(protocol::Kind::mark, protocol::kEnd);
  say(protocol::Kind::done);
}

void flood(FILE* stream) {
  for (int i = 0; i < 200'000; ++i) std::fputs("all work and no play\n", stream);
  std::fflush(stream);
}

[[noreturn]] void wait_forever() {
  for (;;) pause();
}

void leave_grandchild_behind() {
  if (fork() == 0) {
    setsid();  // leaves the process group, too
    wait_forever();
  }
}

void eat_memory() {
  for (;;) {
    void* block = std::malloc(1 << 20);
    std::memset(block, 1, 1 << 20);
  }
}

}  // namespace

int main(int, char** argv) {
  const std::string_view how = argv[1];
  auto& pages = map_shared_pages();
  if (how == "exits_before_hello") return 3;
  if (how == "allocates_first") {
    void* volatile block = std::malloc(1);  // volatile: the compiler drops the pair otherwise
    std::free(block);
  }
  if (how == "lies_about_library") {
    put_text(pages.serving[0], sizeof pages.serving[0], "/nowhere/libother.so");
    say(protocol::Kind::hello);
  }
  if (how == "serves_malloc_but_not_free") {
    prove_who_serves(pages);
    put_text(pages.serving[1], sizeof pages.serving[1], "/nowhere/libother.so");
    say(protocol::Kind::hello);
  }
  if (how == "is_setuid") {
    put_text(pages.serving[0], sizeof pages.serving[0], "/nowhere/libother.so");
    pages.secure = 1;
    say(protocol::Kind::hello);
  }
  if (how == "marks_before_hello") say(protocol::Kind::mark, 0);
  if (how == "floods_stdout") flood(stdout);
  if (how == "floods_stderr") flood(stderr);
  if (how == "leaves_grandchild") leave_grandchild_behind();
  if (how == "skips") leave(pages, protocol::Kind::skip, "no such thing on this machine");
  if (how == "marks_unknown_phase") {
    hello(pages);
    say(protocol::Kind::mark, 99);
  }
  if (how == "exits_3" || how == "segfaults" || how == "hangs" || how == "closes_socket" ||
      how == "eats_memory") {
    hello(pages);
    say(protocol::Kind::mark, 0);
    std::fprintf(stderr, "about to be bad: %s\n", argv[1]);
    if (how == "exits_3") _exit(3);
    if (how == "segfaults") raise(SIGSEGV);
    if (how == "hangs") wait_forever();
    if (how == "eats_memory") eat_memory();
    close(protocol::kSocketFd);
    wait_forever();
  }
  behave_well(pages);
  return how == "ends_well_with_code_7" ? 7 : 0;
}
