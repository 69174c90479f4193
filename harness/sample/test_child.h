// For tests: a process that does exactly what it is told, step by step, and stands still between
// steps. It is this test program executed again; a static object takes over before main.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/sample/file_descriptor.h"

namespace lab {

inline std::string testdata(const std::string& name) {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind('/')) + "/../testdata/" + name;
}

enum class Step : char { touch_pages, map_and_unmap, grow_heap_pages, touch_pages_in_thread };

struct Order {
  Step step;
  int count;
};

namespace test_child {

inline constexpr const char* kVariable = "LAB_TEST_CHILD";
inline constexpr std::size_t kAreaBytes = 4 << 20;
inline constexpr std::size_t kPageBytes = 4096;

// A sanitizer would touch its shadow pages as well.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] inline void touch(char* area, int pages) {
  for (int page = 0; page < pages; ++page)
    const_cast<volatile char*>(area)[static_cast<std::size_t>(page) * kPageBytes] = 1;
}

inline void obey(const Order& order, char*& fresh) {
  const std::size_t bytes = static_cast<std::size_t>(order.count) * kPageBytes;
  switch (order.step) {
    case Step::touch_pages:
      touch(fresh, order.count);
      fresh += bytes;
      break;
    case Step::map_and_unmap:
      for (int i = 0; i < order.count; ++i)
        munmap(mmap(nullptr, kPageBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
               kPageBytes);
      break;
    case Step::grow_heap_pages:
      if (sbrk(static_cast<std::intptr_t>(bytes)) == nullptr) _exit(1);
      break;
    case Step::touch_pages_in_thread:
      std::thread(touch, fresh, order.count).join();
      fresh += bytes;
      break;
  }
}

[[noreturn]] inline void serve() {
  auto* fresh = static_cast<char*>(mmap(nullptr, kAreaBytes, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  madvise(fresh, kAreaBytes, MADV_NOHUGEPAGE);
  Order order{};
  while (read(STDIN_FILENO, &order, sizeof order) == sizeof order) {
    obey(order, fresh);
    if (write(STDOUT_FILENO, "", 1) != 1) break;
  }
  _exit(0);
}

struct TakeOver {
  TakeOver() {
    if (getenv(kVariable) != nullptr) serve();
  }
};
inline const TakeOver take_over;

}  // namespace test_child

class TestChild {
 public:
  TestChild() {
    int orders[2], answers[2];
    if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe2 failed");
    pid_ = fork();
    if (pid_ == 0) wait_and_exec(orders[0], answers[1]);
    close(orders[0]);
    close(answers[1]);
    orders_ = FileDescriptor(orders[1]);
    answers_ = FileDescriptor(answers[0]);
  }
  ~TestChild() { kill_and_wait(); }
  TestChild(const TestChild&) = delete;
  TestChild& operator=(const TestChild&) = delete;

  pid_t pid() const { return pid_; }

  // Executes the program again. Before this, the child waits as a copy of the test.
  void start() {
    send({Step::touch_pages, 0});
    send({Step::touch_pages, 0});
    receive();
    for (const Step step : {Step::map_and_unmap, Step::grow_heap_pages, Step::touch_pages}) {
      send({step, 1});
      receive();
    }
  }

  // Returns when the child has done it and stands still again.
  void does(Step step, int count) {
    send({step, count});
    receive();
  }

  void kill_and_wait() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void wait_and_exec(int orders, int answers) {
    dup2(orders, STDIN_FILENO);
    dup2(answers, STDOUT_FILENO);
    setenv(test_child::kVariable, "1", 1);
    Order go{};
    char program[] = "/proc/self/exe";
    char* arguments[] = {program, nullptr};
    if (read(STDIN_FILENO, &go, sizeof go) == sizeof go) execv(program, arguments);
    _exit(1);
  }
  void send(const Order& order) {
    if (write(orders_.number(), &order, sizeof order) != sizeof order)
      throw std::runtime_error("the test child is gone");
  }
  void receive() {
    char answer;
    if (read(answers_.number(), &answer, 1) != 1)
      throw std::runtime_error("the test child is gone");
  }

  pid_t pid_ = -1;
  FileDescriptor orders_;
  FileDescriptor answers_;
};

}  // namespace lab
