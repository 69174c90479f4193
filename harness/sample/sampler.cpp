#include "harness/sample/sampler.h"

#include "harness/sample/cgroup_reader.h"
#include "harness/sample/process_reader.h"
#include "harness/sample/system_reader.h"

namespace lab {

struct Sampler::State {
  State(pid_t pid, std::optional<PerfCounters>&& events, const SampleOptions& options)
      : counters(std::move(events)), process(pid, options.maps) {
    if (options.system) system.emplace();
    if (!options.cgroup_dir.empty()) cgroup.emplace(options.cgroup_dir);
    if (counters) nulls = counters->nulls();
    if (options.counts && !counters)
      for (const Metric& metric : kEventMetrics)
        nulls.emplace(metric.name, "no events were opened on the process");
    nulls.emplace("user_ns", kTickSplitReason);
    nulls.emplace("kernel_ns", kTickSplitReason);
  }

  std::optional<PerfCounters> counters;
  ProcessReader process;
  std::optional<SystemReader> system;
  std::optional<CgroupReader> cgroup;
  Nulls nulls;
};

Sampler::Sampler(pid_t pid, std::optional<PerfCounters>&& counters, SampleOptions options)
    : state_(std::make_unique<State>(pid, std::move(counters), options)) {}
Sampler::~Sampler() = default;
Sampler::Sampler(Sampler&&) noexcept = default;

// The whole machine is read last: reading the process disturbs it less than the other way round.
Snapshot Sampler::read() {
  Snapshot snapshot;
  if (state_->counters) state_->counters->read(snapshot);
  state_->process.read(snapshot, state_->nulls);
  if (state_->cgroup) state_->cgroup->read(snapshot, state_->nulls);
  if (state_->system) state_->system->read(snapshot, state_->nulls);
  return snapshot;
}

void Sampler::reset_peaks() { state_->process.reset_peaks(state_->nulls); }

const std::map<std::string_view, std::string>& Sampler::nulls() const {
  if (state_->counters)
    for (const auto& [name, why] : state_->counters->nulls()) state_->nulls.emplace(name, why);
  return state_->nulls;
}

std::vector<std::string> Sampler::warnings() const {
  return state_->counters ? state_->counters->warnings() : std::vector<std::string>{};
}

std::span<const MapEntry> Sampler::maps() const { return state_->process.maps(); }

}  // namespace lab
