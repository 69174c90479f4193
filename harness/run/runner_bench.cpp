// What the lab costs, each against the least anyone could do, in alternation in one program:
//   mark  one stop of a measured process, against reading the same /proc files plus a bare round
//   trip; run   one run with its row, against starting the same program and answering `go` at once.
// Goals: a mark within 1.25 x the files plus one round trip; a run within 1.5 ms of the bare one.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>

#include "harness/child/channel.h"
#include "harness/child/proof.h"
#include "harness/record/journal.h"
#include "harness/run/child_environment.h"
#include "harness/run/runner.h"

namespace {

using namespace lab;
namespace fs = std::filesystem;

constexpr int kMarks = 64;
constexpr std::string_view kPhases[] = {"loop"};
constexpr Metric kMetrics[] = {{.name = "mark_ns",
                                .unit = "ns",
                                .kind = MetricKind::observed,
                                .source = "bench",
                                .meaning = "median cost of a stop"}};
constexpr Experiment kMarking{.name = "marking",
                              .family = "test",
                              .question = "?",
                              .method = "",
                              .phases = kPhases,
                              .metrics = kMetrics,
                              .run = nullptr};

std::int64_t median(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void tell(protocol::Kind kind, int phase = 0) {
  protocol::Message message{};
  message.kind = kind;
  message.phase = phase;
  child::exchange(message);
}

// This program as the measured one: stops kMarks times and leaves the median cost of a stop.
[[noreturn]] void be_marking_child() {
  auto& pages = child::map_shared_pages();
  child::prove_who_serves(pages);
  tell(protocol::Kind::hello);
  std::vector<std::int64_t> costs_ns;
  costs_ns.reserve(kMarks);
  for (int i = 0; i < kMarks; ++i) {
    const std::int64_t begin_ns = now_ns();
    tell(protocol::Kind::mark);
    costs_ns.push_back(now_ns() - begin_ns);
  }
  pages.observations[pages.observation_count++] = {0, 0, median(costs_ns)};
  tell(protocol::Kind::mark, protocol::kEnd);
  tell(protocol::Kind::done);
  _exit(0);
}

// The files of a snapshot, read to their ends and not looked at.
class BareReader {
 public:
  void read(pid_t pid) {
    if (files_.empty())
      for (const char* name : {"stat", "smaps_rollup", "status", "io", "maps"})
        files_.emplace_back(
            open(("/proc/" + std::to_string(pid) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    char buffer[16384];
    for (const FileDescriptor& file : files_)
      for (off_t at = 0; const ssize_t got = pread(file.number(), buffer, sizeof buffer, at);
           at += got)
        if (got < 0) break;
  }

 private:
  std::vector<FileDescriptor> files_;
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Starts `program`, answers everything it says at once, and waits for its end.
void bare_run(const std::vector<std::string>& program, const SharedSlot& slot,
              const std::function<void(pid_t)>& on_mark) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) std::abort();
  const FileDescriptor ours(fcntl(sockets[0], F_DUPFD_CLOEXEC, 5));
  FileDescriptor theirs(fcntl(sockets[1], F_DUPFD_CLOEXEC, 5));
  const FileDescriptor pages(fcntl(slot.fd(), F_DUPFD_CLOEXEC, 5));
  close(sockets[0]);
  close(sockets[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.number(), protocol::kSocketFd);
  posix_spawn_file_actions_adddup2(&actions, pages.number(), protocol::kPagesFd);
  const auto environment = common_variables();
  pid_t pid = 0;
  if (posix_spawn(&pid, program[0].c_str(), &actions, nullptr, pointers_to(program).data(),
                  pointers_to(environment).data()) != 0)
    std::abort();
  posix_spawn_file_actions_destroy(&actions);
  theirs = FileDescriptor();
  protocol::Message message;
  while (recv(ours.number(), &message, sizeof message, 0) == sizeof message) {
    if (message.kind == protocol::Kind::mark) on_mark(pid);
    message.kind = protocol::Kind::go;
    if (send(ours.number(), &message, sizeof message, MSG_NOSIGNAL) < 0) break;
  }
  waitpid(pid, nullptr, 0);
}

// Everything that a sweep has beside its runs.
class Bench {
 public:
  Bench(Measure measure, std::string child, const Experiment& experiment, Settings params)
      : folder_(fs::temp_directory_path() / ("runner_bench-" + std::to_string(getpid()))) {
    const Allocator& allocator = *find_registered<Allocator>(std::string_view("glibc"));
    fs::create_directories(folder_);
    arm_ = {"glibc", &allocator, find_library(allocator)};
    planned_ = {"c0", std::string(experiment.name), "glibc", "glibc", params, {}};
    job_ = {&planned_, &experiment, &arm_, params, 1, 1, 1, std::nullopt};
    RunSettings settings;
    settings.launcher = beside("alloclab-launch");
    settings.child = std::move(child);
    settings.measure = measure;
    if (measure == Measure::counts) perf_.emplace();
    runner_.emplace(settings, perf_ ? &*perf_ : nullptr, interrupted_);
    journal_.emplace(folder_ / "runs.jsonl");
    program_ = {settings.child, planned_.experiment, "glibc", "1"};
    for (const auto& [name, value] : params) program_.push_back(name + '=' + value);
  }
  ~Bench() { fs::remove_all(folder_); }

  static std::string beside(const char* name) {
    return fs::read_symlink("/proc/self/exe").parent_path() / name;
  }

  // Returns the run after its row is in the journal.
  RunRecord run() {
    auto record = runner_->run_one(job_)->record;
    record.run = "r000001";
    record.environment = "e0";
    journal_->append(record);
    if (record.status != Status::ok) throw std::runtime_error(record.reason);
    return record;
  }
  void run_bare(const std::function<void(pid_t)>& on_mark = [](pid_t) {}) {
    slot_.reset();
    bare_run(program_, slot_, on_mark);
  }
  // What the last bare run of the marking child has left.
  std::int64_t observed() const { return slot_.pages().observations[0].value; }

 private:
  const fs::path folder_;
  const std::atomic<bool> interrupted_{false};
  Arm arm_;
  Case planned_;
  Job job_;
  SharedSlot slot_;
  std::optional<PerfSession> perf_;
  std::optional<Runner> runner_;
  std::optional<Journal> journal_;
  std::vector<std::string> program_;
};

std::int64_t cpu_ns() {
  std::int64_t total_us = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage;
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      total_us += time.tv_sec * 1'000'000 + time.tv_usec;
  }
  return total_us * 1000;
}

void mark(benchmark::State& state, Measure measure) {
  Bench bench(measure, fs::read_symlink("/proc/self/exe"), kMarking, {});
  std::vector<std::int64_t> trips, reads, marks;
  for (auto _ : state) {
    bench.run_bare();
    trips.push_back(bench.observed());
    BareReader reader;
    bench.run_bare([&](pid_t pid) { reader.read(pid); });
    reads.push_back(bench.observed());
    marks.push_back(*RecordView(bench.run()).value("loop", "mark_ns"));
  }
  const auto us = [](std::vector<std::int64_t>& values) {
    return static_cast<double>(median(values)) / 1000;
  };
  const double trip = us(trips);
  const double allowed = 1.25 * (us(reads) - trip) + trip;
  state.counters["round_trip_us"] = trip;
  state.counters["bare_us"] = us(reads);
  state.counters["mark_us"] = us(marks);
  state.counters["of_allowed"] = us(marks) / allowed;
}

void run(benchmark::State& state, Measure measure) {
  const auto* experiment = find_registered<Experiment>(std::string_view("first_touch"));
  Bench bench(measure, Bench::beside("alloclab-child"), *experiment,
              {{"block_bytes", "1MiB"}, {"touched_pages", "23"}, {"touch", "write"}});
  std::vector<std::int64_t> bare, lab, more;
  std::int64_t bare_cpu_ns = 0, lab_cpu_ns = 0;
  for (auto _ : state) {
    const std::int64_t begin = now_ns(), begin_cpu = cpu_ns();
    bench.run_bare();
    const std::int64_t middle = now_ns(), middle_cpu = cpu_ns();
    bench.run();
    bare.push_back(middle - begin);
    lab.push_back(now_ns() - middle);
    more.push_back(lab.back() - bare.back());
    bare_cpu_ns += middle_cpu - begin_cpu;
    lab_cpu_ns += cpu_ns() - middle_cpu;
  }
  const auto ms = [](auto ns) { return static_cast<double>(ns) / 1e6; };
  const auto runs = static_cast<std::int64_t>(bare.size());
  state.counters["bare_ms"] = ms(median(bare));
  state.counters["lab_ms"] = ms(median(lab));
  state.counters["more_ms"] = ms(median(more));
  state.counters["bare_cpu_ms"] = ms(bare_cpu_ns / runs);
  state.counters["lab_cpu_ms"] = ms(lab_cpu_ns / runs);
}

BENCHMARK_CAPTURE(mark, without_events, Measure::time)->Iterations(20)->UseRealTime();
BENCHMARK_CAPTURE(mark, with_events, Measure::counts)->Iterations(20)->UseRealTime();
BENCHMARK_CAPTURE(run, without_events, Measure::time)->Iterations(200)->UseRealTime();
BENCHMARK_CAPTURE(run, with_events, Measure::counts)->Iterations(200)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == kMarking.name) be_marking_child();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
