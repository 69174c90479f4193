#include "harness/run/active_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "harness/run/assemble.h"
#include "harness/run/child_environment.h"
#include "harness/run/memory_budget.h"
#include "harness/run/proof.h"
#include "harness/run/utc.h"

namespace lab {

namespace {

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

// As in /proc/PID/maps, without the device.
std::string text_of(std::span<const MapEntry> maps) {
  std::string text;
  char range[64];
  for (const MapEntry& entry : maps) {
    std::snprintf(range, sizeof range, "%012llx-%012llx ",
                  static_cast<unsigned long long>(entry.start),
                  static_cast<unsigned long long>(entry.end));
    text.append(range).append(entry.permissions).append(" ").append(entry.path).append("\n");
  }
  return text;
}

}  // namespace

ActiveRun::ActiveRun(const RunSettings& settings, Job job, const PerfSession* perf, SharedSlot& slot,
                     RunCgroup& cgroup)
    : settings_(settings),
      job_(std::move(job)),
      perf_(perf),
      slot_(slot),
      cgroup_(cgroup),
      started_(Clock::now()),
      deadline_(started_ + settings.timeout),
      next_sample_(started_) {
  record_.of = *job_.of;
  record_.of.params = job_.params;
  record_.block = job_.block;
  record_.position = job_.position;
  record_.seed = job_.seed;
  record_.search = job_.probe;
  record_.measure = name_of(settings.measure);
  record_.start = utc_now();
  if (job_.experiment->needs != nullptr) {
    const auto params = borrowed(job_.params);
    needs_ = job_.experiment->needs(Point(params));
  }
  slot_.reset();
  launch();
}

ActiveRun::~ActiveRun() = default;

std::string ActiveRun::measured_program() const {
  const auto& own = job_.experiment->program;
  if (own.empty()) return settings_.child;
  return std::filesystem::path(settings_.child).replace_filename(own);
}

std::string ActiveRun::provide() {
  if (!job_.arm->library.available && job_.arm->library.path.empty()) return job_.arm->library.reason;
  if (!job_.experiment->program.empty()) {
    if (settings_.measure == Measure::counts) return "gives times only: --measure time";
    if (const auto program = measured_program(); access(program.c_str(), X_OK) != 0)
      return program + " is not built: a library it needs was missing; run scripts/setup.sh, then "
                       "configure and build again";
  }
  if (needs_.memory_bytes > 0)
    if (auto refusal = too_much_memory(needs_.memory_bytes, available_memory_bytes()); !refusal.empty())
      return refusal;
  if (needs_.swap_file_bytes > 0)
    if (auto refusal = swap_.enable(needs_.swap_file_bytes); !refusal.empty()) return refusal;
  const bool own = needs_.memory_limit_bytes > 0;
  const auto memory = own ? needs_.memory_limit_bytes : settings_.memory_limit_bytes;
  const auto swap = own ? needs_.swap_limit_bytes : settings_.swap_limit_bytes;
  return memory > 0 ? cgroup_.limit(memory, swap) : "";
}

void ActiveRun::launch() {
  if (auto refusal = provide(); !refusal.empty()) {
    give_up(Status::skipped, std::move(refusal));
    return;
  }
  oom_kills_before_ = cgroup_.oom_kills();
  const auto spec = launch_spec();
  if (verdict_) return;
  try {
    process_ = std::make_unique<Process>(spec);
  } catch (const std::system_error& error) {
    give_up(Status::failed, error.what());
  }
}

LaunchSpec ActiveRun::launch_spec() {
  LaunchSpec spec;
  spec.launcher = settings_.launcher;
  spec.pages_fd = slot_.fd();
  if (cgroup_.available()) spec.options.push_back("cgroup=" + cgroup_.directory());
  if (!settings_.cpus.empty()) spec.options.push_back("cpus=" + settings_.cpus);
  if (settings_.measure == Measure::counts) spec.options.emplace_back("aslr=off");
  spec.program = {measured_program(), job_.of->experiment, job_.of->allocator,
                  std::to_string(job_.seed)};
  for (const auto& [name, value] : job_.params) spec.program.push_back(name + '=' + value);
  auto environment = child_environment(*job_.arm, job_.of->knobs);
  if (!environment.unsupported.empty()) give_up(Status::skipped, environment.unsupported);
  record_.variables = std::move(environment.of_allocator);
  spec.environment = std::move(environment.variables);
  return spec;
}

std::optional<Clock::time_point> ActiveRun::next_sample() const {
  if (!statm_ || done_) return std::nullopt;
  return next_sample_;
}

void ActiveRun::on_message() {
  const auto message = process_->receive();
  if (message) {
    handle(*message);
    return;
  }
  socket_open_ = false;  // closed at the other end: by its death, or on purpose
  const auto grace = Clock::now() + std::chrono::milliseconds(200);
  if (!done_ && grace < deadline_) deadline_ = grace;
}

void ActiveRun::handle(const protocol::Message& message) {
  using protocol::Kind;
  switch (message.kind) {
    case Kind::ready: on_ready(); break;
    case Kind::hello: on_hello(); break;
    case Kind::mark: on_mark(message); break;
    case Kind::done: done_ = true; break;
    case Kind::skip: give_up(Status::skipped, slot_.pages().reason); break;
    case Kind::fail: give_up(Status::failed, slot_.pages().reason); break;
    default: give_up(Status::failed, "the measured process sent a message of no known kind");
  }
  if (verdict_ == Status::invalid) process_->kill();
  else process_->answer_go();
}

void ActiveRun::on_ready() {
  if (perf_ != nullptr && !counters_) counters_.emplace(*perf_, process_->pid());
}

void ActiveRun::on_hello() {
  auto proof = check_proof(slot_.pages(), *job_.arm);
  record_.serving = std::move(proof.serving);
  record_.allocator_version = slot_.pages().version;
  for (auto& warning : proof.warnings) record_.warnings.push_back(std::move(warning));
  if (!proof.problem.empty()) {
    give_up(Status::invalid, proof.problem);
    return;
  }
  SampleOptions options;
  options.counts = settings_.measure == Measure::counts;
  options.system = needs_.system_snapshot;
  options.maps = needs_.maps_snapshot;
  if (needs_.cgroup_snapshot) options.cgroup_dir = cgroup_.directory();
  sampler_.emplace(process_->pid(), std::move(counters_), options);
  if (settings_.timeline.count() > 0) {
    statm_.emplace(process_->pid());
    timeline_.every_ms = settings_.timeline.count();
  }
}

void ActiveRun::on_mark(const protocol::Message& message) {
  const auto phases = static_cast<std::int32_t>(job_.experiment->phases.size());
  if (!sampler_ || message.phase >= phases || message.phase < protocol::kEnd) {
    give_up(Status::failed, "the measured process sent a mark that makes no sense");
    return;
  }
  marks_.push_back({message.phase, sampler_->read(), message});
  sampler_->reset_peaks();
  if (needs_.maps_snapshot) maps_.push_back(text_of(sampler_->maps()));
}

void ActiveRun::on_stderr() { stderr_open_ = process_->drain_stderr(); }

void ActiveRun::on_timeline() {
  const auto now = Clock::now();
  const auto since = std::chrono::nanoseconds(now - started_).count();
  if (const auto sample = statm_->sample(since)) timeline_.samples.push_back(*sample);
  next_sample_ = now + settings_.timeline;
}

void ActiveRun::on_timeout() {
  if (!socket_open_)
    give_up(Status::failed, "the measured process closed its socket and went on");
  else
    give_up(Status::timeout, "still running after " +
                                 std::to_string(settings_.timeout.count() / 1000) +
                                 " s; give it more with --timeout");
  process_->kill();
  deadline_ = Clock::time_point::max();
}

void ActiveRun::interrupt() { process_->kill(); }

void ActiveRun::give_up(Status status, std::string reason) {
  if (verdict_) return;
  verdict_ = status;
  record_.reason = std::move(reason);
}

bool ActiveRun::on_exit() {
  while (socket_open_) on_message();  // what it said before it ended
  const auto status = process_->reap();
  if (!status) return false;
  stderr_open_ = stderr_open_ && process_->drain_stderr();
  settle(*status);
  note_strays();
  return true;
}

void ActiveRun::settle(int wait_status) {
  if (WIFSIGNALED(wait_status)) record_.signal = WTERMSIG(wait_status);
  else record_.exit_code = WEXITSTATUS(wait_status);
  const auto oom_kills = cgroup_.oom_kills() - oom_kills_before_;
  if (oom_kills > 0 && record_.signal == SIGKILL) {
    verdict_ = Status::oom_killed;
    record_.reason = "killed for want of memory: the cgroup counted it";
    return;
  }
  if (oom_kills > 0)
    record_.warnings.push_back("the kernel killed " + std::to_string(oom_kills) +
                               " process(es) of this run for want of memory, not the measured one");
  if (record_.signal) {
    give_up(Status::failed, "killed by " + signal_name(*record_.signal));
  } else if (!done_) {
    give_up(Status::failed, "ended before its last mark with exit code " +
                                std::to_string(*record_.exit_code));
  } else if (*record_.exit_code != 0) {
    give_up(Status::failed, "exit code " + std::to_string(*record_.exit_code));
  }
}

void ActiveRun::note_strays() {
  for (const std::string& stray : kill_strays(cgroup_.members()))
    record_.warnings.push_back("left a process behind, ended: " + stray);
  if (needs_.memory_limit_bytes > 0 || settings_.memory_limit_bytes > 0 || needs_.cgroup_snapshot)
    cgroup_.renew();
}

RunRecord ActiveRun::take_record() {
  record_.duration_ns = std::chrono::nanoseconds(Clock::now() - started_).count();
  record_.status = verdict_.value_or(Status::ok);
  if (process_) record_.stderr_tail = process_->stderr_tail();
  const auto& pages = slot_.pages();
  if (pages.warning[0] != '\0') record_.warnings.emplace_back(pages.warning);
  if (sampler_) {
    for (auto& warning : sampler_->warnings()) record_.warnings.push_back(std::move(warning));
    assemble(record_, job_, marks_, pages, sampler_->nulls());
  }
  return std::move(record_);
}

}  // namespace lab
