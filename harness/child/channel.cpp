#include "harness/child/channel.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lab::child {

namespace {
constexpr int kBroken = 70;  // EX_SOFTWARE of sysexits.h
}

protocol::SharedPages& map_shared_pages(Pages pages) {
  const int flags = MAP_SHARED | (pages == Pages::present ? MAP_POPULATE : 0);
  void* memory = mmap(nullptr, sizeof(protocol::SharedPages), PROT_READ | PROT_WRITE, flags,
                      protocol::kPagesFd, 0);
  if (memory == MAP_FAILED) {
    constexpr char kMessage[] = "this program is started by alloclab, not by hand\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
    _exit(kBroken);
  }
  return *static_cast<protocol::SharedPages*>(memory);
}

void put_text(char* field, std::size_t capacity, const char* text) {
  const std::size_t length = strnlen(text, capacity - 1);
  memcpy(field, text, length);
  field[length] = '\0';
}

void exchange(const protocol::Message& message) {
  protocol::Message answer;
  if (send(protocol::kSocketFd, &message, sizeof message, MSG_NOSIGNAL) != sizeof message)
    _exit(kBroken);
  ssize_t got = 0;
  do {
    got = recv(protocol::kSocketFd, &answer, sizeof answer, 0);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof answer || answer.kind != protocol::Kind::go) _exit(kBroken);
}

void leave(protocol::SharedPages& pages, protocol::Kind kind, const char* reason) {
  put_text(pages.reason, sizeof pages.reason, reason);
  protocol::Message message{};
  message.kind = kind;
  message.phase = protocol::kEnd;
  exchange(message);
  _exit(kind == protocol::Kind::skip ? 0 : kBroken);
}

}  // namespace lab::child
