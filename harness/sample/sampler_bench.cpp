// What one mark costs the parent: Sampler::read() against a bare loop over the same files, on the
// same process in the same program. Goal: the ratio stays below 1.25.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>
#include <vector>

#include "harness/sample/file_descriptor.h"
#include "harness/sample/sampler.h"

namespace {

// A process that stands still until it is destroyed.
class Sleeper {
 public:
  Sleeper() : pid_(fork()) {
    if (pid_ == 0)
      for (;;) pause();
  }
  ~Sleeper() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// The least anyone can do: read each file to its end, looking at nothing.
class BareLoop {
 public:
  explicit BareLoop(pid_t pid) {
    for (const char* name : {"stat", "smaps_rollup", "status", "io", "maps"}) {
      const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
      files_.emplace_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    }
  }
  void read() {
    for (const lab::FileDescriptor& file : files_) {
      off_t offset = 0;
      while (const ssize_t got = pread(file.number(), buffer_.data(), buffer_.size(), offset)) {
        if (got < 0) break;
        offset += got;
      }
    }
  }

 private:
  std::vector<lab::FileDescriptor> files_;
  std::array<char, 65536> buffer_;
};

// CPU time of this thread: reading never waits, and other programs do not count.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(auto&& work) {
  const double start = cpu_seconds();
  work();
  return cpu_seconds() - start;
}

void bare_loop(benchmark::State& state) {
  const Sleeper sleeper;
  BareLoop bare(sleeper.pid());
  for (auto _ : state) bare.read();
}
BENCHMARK(bare_loop);

// Both in alternation, so that whatever disturbs the machine disturbs both.
void compare(benchmark::State& state, pid_t pid, lab::Sampler sampler) {
  BareLoop bare(pid);
  sampler.read();
  double bare_seconds = 0;
  double sampler_seconds = 0;
  for (auto _ : state) {
    bare_seconds += seconds_of([&] { bare.read(); });
    sampler_seconds += seconds_of([&] { benchmark::DoNotOptimize(sampler.read()); });
  }
  state.counters["ratio"] = sampler_seconds / bare_seconds;
}

void bare_loop_and_snapshot(benchmark::State& state) {
  const Sleeper sleeper;
  compare(state, sleeper.pid(), lab::Sampler(sleeper.pid(), std::nullopt, {.counts = false}));
}
BENCHMARK(bare_loop_and_snapshot);

void bare_loop_and_snapshot_with_events(benchmark::State& state) {
  const Sleeper sleeper;
  const lab::PerfSession session;
  compare(state, sleeper.pid(),
          lab::Sampler(sleeper.pid(), lab::PerfCounters(session, sleeper.pid()), {}));
}
BENCHMARK(bare_loop_and_snapshot_with_events);

}  // namespace

BENCHMARK_MAIN();
