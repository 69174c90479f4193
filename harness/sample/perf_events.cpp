#include "harness/sample/perf_events.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "harness/sample/field_file.h"

namespace lab {
namespace {

constexpr int kEnabled = index_of("events_enabled_ns");
constexpr int kRunning = index_of("events_running_ns");

struct NamedEvent {
  std::string_view name;
  std::uint32_t type;
  std::uint64_t config;
};

constexpr std::uint64_t kDtlbLoadMisses = PERF_COUNT_HW_CACHE_DTLB |
                                          (PERF_COUNT_HW_CACHE_OP_READ << 8) |
                                          (PERF_COUNT_HW_CACHE_RESULT_MISS << 16);

constexpr NamedEvent kNamedEvents[] = {
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
    {"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"dTLB-load-misses", PERF_TYPE_HW_CACHE, kDtlbLoadMisses},
};

const NamedEvent* named_event(std::string_view name) {
  const auto found = std::ranges::find(kNamedEvents, name, &NamedEvent::name);
  return found == std::end(kNamedEvents) ? nullptr : found;
}

const Metric& metric_of(int index) { return sampled_metrics()[static_cast<std::size_t>(index)]; }

perf_event_attr attributes_of(const OpenableEvent& event) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = event.type;
  attributes.config = event.config;
  attributes.disabled = 1;
  attributes.exclude_user = event.exclude_user;
  attributes.exclude_kernel = event.exclude_kernel;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return attributes;
}

FileDescriptor open_event(perf_event_attr attributes, pid_t pid) {
  constexpr int kAnyCpu = -1;
  constexpr int kNoGroup = -1;
  return FileDescriptor(static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, pid, kAnyCpu, kNoGroup, PERF_FLAG_FD_CLOEXEC)));
}

std::string paranoia() {
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  std::string level;
  return file >> level ? level : "absent";
}

std::string reason_for(int error, std::uint32_t type) {
  const std::string cause = std::strerror(error);
  const bool processor = type == PERF_TYPE_HARDWARE || type == PERF_TYPE_HW_CACHE;
  if (processor && (error == ENOENT || error == EOPNOTSUPP || error == ENODEV))
    return "this machine shows no such processor counter (no PMU): " + cause;
  if (error == EACCES || error == EPERM)
    return "perf_event_open: " + cause + " (perf_event_paranoid=" + paranoia() +
           "; needs CAP_PERFMON, and no seccomp filter on perf_event_open)";
  if (error == ENOSYS)
    return "perf_event_open: this kernel is built without it, or seccomp hides it";
  return "perf_event_open: " + cause;
}

// Turns a source of the metric table into an event, or leaves the reason in `problem`.
std::optional<OpenableEvent> event_of(int metric, const Tracefs& tracefs, std::string& problem) {
  const Metric& row = metric_of(metric);
  if (const auto tracepoint = source_in(row, "tracepoint")) {
    if (!tracefs) {
      problem = tracefs.problem();
      return std::nullopt;
    }
    const auto id = tracefs.id(*tracepoint);
    if (!id) problem = "this kernel has no tracepoint " + std::string(*tracepoint);
    return id ? std::optional(OpenableEvent{metric, PERF_TYPE_TRACEPOINT, *id, false, false})
              : std::nullopt;
  }
  if (const auto name = source_in(row, "perf")) {
    const NamedEvent* event = named_event(*name);
    return OpenableEvent{metric, event->type, event->config, false, false};
  }
  const auto name = source_in(row, "pmu").value_or(std::string_view{});
  const NamedEvent* event = named_event(name.substr(0, name.find(':')));
  return OpenableEvent{metric, event->type, event->config, name.ends_with(":k"),
                       name.ends_with(":u")};
}

}  // namespace

PerfSession::PerfSession() {
  const Tracefs tracefs;
  for (const Metric& row : kEventMetrics) {
    const int metric = sampled_index(row.name);
    if (metric != kEnabled && metric != kRunning) try_event(metric, tracefs);
  }
}

void PerfSession::try_event(int metric, const Tracefs& tracefs) {
  constexpr pid_t kSelf = 0;
  const std::string_view name = metric_of(metric).name;
  std::string problem;
  const auto event = event_of(metric, tracefs, problem);
  if (!event) {
    nulls_.emplace(name, problem);
    return;
  }
  FileDescriptor holder = open_event(attributes_of(*event), kSelf);
  if (!holder) {
    nulls_.emplace(name, reason_for(errno, event->type));
    return;
  }
  holders_.push_back(std::move(holder));
  events_.push_back(*event);
}

PerfCounters::PerfCounters(const PerfSession& session, pid_t pid) : nulls_(session.nulls()) {
  for (const OpenableEvent& event : session.events()) {
    perf_event_attr attributes = attributes_of(event);
    attributes.inherit = 1;
    attributes.enable_on_exec = 1;
    FileDescriptor file = open_event(attributes, pid);
    if (file) counters_.push_back({event.metric, std::move(file)});
    else nulls_.emplace(metric_of(event.metric).name, reason_for(errno, event.type));
  }
  if (counters_.empty())
    for (const int time : {kEnabled, kRunning})
      nulls_.emplace(metric_of(time).name, "no event could be opened");
}

void PerfCounters::read(Snapshot& snapshot) {
  std::uint64_t enabled = 0;
  std::uint64_t running = UINT64_MAX;
  for (Counter& counter : counters_) {
    std::uint64_t values[3];  // value, time enabled, time running
    if (::read(counter.file.number(), values, sizeof values) != sizeof values) continue;
    counter.enabled_ns = values[1];
    counter.running_ns = values[2];
    enabled = std::max(enabled, values[1]);
    running = std::min(running, values[2]);
    if (counter.running_ns > 0) snapshot.set(counter.metric, static_cast<std::int64_t>(values[0]));
    else nulls_.emplace(metric_of(counter.metric).name, "the event never got onto the processor");
  }
  if (running == UINT64_MAX) return;
  snapshot.set(kEnabled, static_cast<std::int64_t>(enabled));
  snapshot.set(kRunning, static_cast<std::int64_t>(running));
}

std::vector<std::string> PerfCounters::warnings() const {
  std::vector<std::string> found;
  for (const Counter& counter : counters_)
    if (counter.running_ns > 0 && counter.running_ns < counter.enabled_ns)
      found.push_back(std::string(metric_of(counter.metric).name) + " counted only " +
                      std::to_string(100 * counter.running_ns / counter.enabled_ns) +
                      " % of the time: its raw value is too low; ask for fewer events at once");
  return found;
}

}  // namespace lab
