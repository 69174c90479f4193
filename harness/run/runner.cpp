#include "harness/run/runner.h"

#include <poll.h>

#include <algorithm>

namespace lab {

namespace {

constexpr std::size_t kMaxOverlap = 16;
constexpr auto kLongestWait = std::chrono::milliseconds(500);

// What a poll slot watches.
enum class Watch { exit, messages, errors };
struct Watched {
  Lane* lane;
  Watch what;
};

int poll_timeout_ms(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongestWait).count());
}

}  // namespace

Runner::Runner(RunSettings settings, const PerfSession* perf, const std::atomic<bool>& interrupted)
    : settings_(std::move(settings)), perf_(perf), interrupted_(interrupted) {
  adopt_orphans();
  lanes_.push_back(std::make_unique<Lane>(0));
}

std::size_t Runner::active() const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& lane) { return bool(lane->run); }));
}

bool Runner::may_start(const Job& job) const {
  if (active() == 0) return true;
  const auto waits = [](const Experiment& experiment) { return experiment.mostly_idle; };
  return settings_.measure == Measure::counts && active() < kMaxOverlap && waits(*job.experiment) &&
         std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) {
           return !lane->run || waits(*lane->run->job().experiment);
         });
}

Lane& Runner::free_lane() {
  for (auto& lane : lanes_)
    if (!lane->run) return *lane;
  lanes_.push_back(std::make_unique<Lane>(static_cast<int>(lanes_.size())));
  return *lanes_.back();
}

void Runner::start(const Job& job, const Sink& sink) {
  Lane& lane = free_lane();
  lane.run = std::make_unique<ActiveRun>(settings_, job, perf_, lane.slot, lane.cgroup);
  if (!lane.run->started()) finish(lane, sink);
}

void Runner::finish(Lane& lane, const Sink& sink) {
  FinishedRun finished{lane.run->take_record(), lane.run->timeline(), lane.run->maps()};
  lane.run.reset();
  if (active() == 0)  // an orphan may have escaped its cgroup, or there is none
    for (const std::string& stray : kill_strays(unknown_children({})))
      finished.record.warnings.push_back("left a process behind, ended: " + stray);
  sink(std::move(finished));
}

void Runner::wait_and_handle(const Sink& sink) {
  std::vector<pollfd> polls;
  std::vector<Watched> watched;
  auto until = Clock::now() + kLongestWait;
  for (auto& lane : lanes_) {
    if (!lane->run) continue;
    const Process& process = lane->run->process();
    const auto watch = [&](int fd, Watch what) {
      polls.push_back({fd, POLLIN, 0});
      watched.push_back({lane.get(), what});
    };
    watch(process.exit_watch(), Watch::exit);
    if (lane->run->socket_open()) watch(process.socket(), Watch::messages);
    if (lane->run->stderr_open()) watch(process.stderr_pipe(), Watch::errors);
    until = std::min(until, lane->run->deadline());
    if (const auto sample = lane->run->next_sample()) until = std::min(until, *sample);
  }
  poll(polls.data(), polls.size(), poll_timeout_ms(until));
  // Messages first, exits last: what a process said before it ended counts.
  for (const Watch what : {Watch::messages, Watch::errors, Watch::exit})
    for (std::size_t i = 0; i < polls.size(); ++i) {
      ActiveRun* run = watched[i].lane->run.get();
      if (polls[i].revents == 0 || watched[i].what != what || run == nullptr) continue;
      if (what == Watch::messages) run->on_message();
      else if (what == Watch::errors) run->on_stderr();
      else if (run->on_exit()) finish(*watched[i].lane, sink);
    }
  const auto now = Clock::now();
  for (auto& lane : lanes_) {
    if (lane->run && lane->run->deadline() <= now) lane->run->on_timeout();
    if (lane->run && lane->run->next_sample() && *lane->run->next_sample() <= now)
      lane->run->on_timeline();
  }
}

bool Runner::run(std::span<const Job> jobs, const Sink& sink) {
  std::size_t next = 0;
  try {
    while (next < jobs.size() || active() > 0) {
      if (interrupted_) break;
      while (next < jobs.size() && may_start(jobs[next]) && !interrupted_) start(jobs[next++], sink);
      if (active() > 0) wait_and_handle(sink);
    }
  } catch (...) {
    for (auto& lane : lanes_) lane->run.reset();
    throw;
  }
  const bool complete = next == jobs.size() && active() == 0;
  for (auto& lane : lanes_) lane->run.reset();  // ends what is in flight
  return complete;
}

std::optional<FinishedRun> Runner::run_one(const Job& job) {
  std::optional<FinishedRun> result;
  run({&job, 1}, [&](FinishedRun&& finished) { result = std::move(finished); });
  return result;
}

}  // namespace lab
