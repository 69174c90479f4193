#include "harness/cli/doctor_findings.h"

#include <fcntl.h>
#include <sys/personality.h>
#include <unistd.h>

#include <algorithm>

#include "harness/sample/field_file.h"
#include "harness/sample/file_descriptor.h"

namespace lab::cli {
namespace {

bool can_open(const std::string& path, int flags) {
  return static_cast<bool>(FileDescriptor(open(path.c_str(), flags | O_CLOEXEC)));
}

bool can_switch_aslr_off() {
  constexpr unsigned long kQuery = 0xffffffff;
  const int current = personality(kQuery);
  if (current < 0 || personality(static_cast<unsigned long>(current) | ADDR_NO_RANDOMIZE) < 0)
    return false;
  personality(static_cast<unsigned long>(current));
  return true;
}

struct EventKind {
  const char* name;
  const char* source;  // the metric table's word for it
  const char* remedy;
};

constexpr EventKind kEventKinds[] = {
    {"software events", "perf",
     "run as root, or: sudo sysctl kernel.perf_event_paranoid=1; in a container: --cap-add PERFMON "
     "--security-opt seccomp=unconfined"},
    {"tracepoints", "tracepoint",
     // The files are readable for root and a group only, whatever the folder's mode.
     "run as root; or, once mounted (mount -t tracefs nodev /sys/kernel/tracing), for your group: "
     "sudo mount "
     "-o remount,gid=$(id -g),mode=750 /sys/kernel/tracing; sudo sysctl "
     "kernel.perf_event_paranoid=1; "
     "in a container also: -v /sys/kernel/tracing:/sys/kernel/tracing:ro"},
    {"processor events", "pmu",
     "run on hardware, or on a virtual machine that is given a PMU; then: sudo sysctl "
     "kernel.perf_event_paranoid=1"},
};

Ability ability_of(const EventKind& kind, const PerfSession& perf) {
  int countable = 0;
  int all = 0;
  std::string reason;
  for (const Metric& metric : kEventMetrics) {
    const auto null = perf.nulls().find(metric.name);
    if (!source_in(metric, kind.source) || metric.source.starts_with("perf time")) continue;
    ++all;
    if (null == perf.nulls().end()) ++countable;
    else reason = null->second;
  }
  const std::string share = std::to_string(countable) + " of " + std::to_string(all);
  if (countable == all) return {kind.name, true, share + " can be counted"};
  return {kind.name, countable > 0, share + ": " + reason, kind.remedy};
}

// A disturbance that is there when a fact has (or has not) a given value.
struct Rule {
  const char* fact;
  bool equals;  // true: disturbs when it is `value`; false: disturbs when known and anything else
  const char* value;
  const char* effect;
  const char* remedy;
};

constexpr Rule kRules[] = {
    {"hypervisor", false, "none",
     "a virtual machine: first touches may wait for the host, CPUs may be shared",
     "judge by counts; for times use hardware"},
    {"thp_enabled", true, "always", "huge pages everywhere: RSS moves in steps of 2 MiB",
     "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"},
    {"cpu_governor", false, "performance", "the CPU's frequency follows the load",
     "sudo cpupower frequency-set -g performance"},
    {"cpu_boost", true, "1", "the CPU's frequency depends on temperature and neighbours",
     "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"},
    {"cpu_intel_no_turbo", true, "0", "the CPU's frequency depends on temperature and neighbours",
     "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"},
    {"cpu_smt_active", true, "1", "two CPUs may share a core: threads slow each other down",
     "echo off | sudo tee /sys/devices/system/cpu/smt/control"},
    {"swap_total_bytes", false, "0", "memory may be swapped out: RSS falls by itself",
     "sudo swapoff -a"},
    {"overcommit", true, "2", "large reservations are refused",
     "sudo sysctl vm.overcommit_memory=0"},
    {"clocksource", false, "tsc", "reading the clock may be a slow system call",
     "see /sys/devices/system/clocksource/clocksource0/available_clocksource"},
    {"seccomp", true, "2", "a seccomp filter taxes and may forbid system calls",
     "in a container: --security-opt seccomp=unconfined"},
    {"damon_state", true, "on", "DAMON may evict idle page cache while the lab runs",
     "echo off | sudo tee /sys/kernel/mm/damon/admin/kdamonds/0/state"},
    {"page_reporting_order", false, "",
     "free pages go back to the host: times of first touches depend on what ran before",
     "judge first touches by counts"},
    {"ksm", true, "1", "equal pages are merged: RSS and faults change by themselves",
     "echo 0 | sudo tee /sys/kernel/mm/ksm/run"},
    {"limit_address_space_bytes", false, "unlimited", "large reservations fail",
     "ulimit -v unlimited"},
    {"limit_data_bytes", false, "unlimited", "large heaps fail", "ulimit -d unlimited"},
    {"cgroup_memory_limit_bytes", false, "unlimited", "the lab itself may be OOM-killed",
     "raise the limit of the session or container"},
    {"cgroup_cpu_limit", false, "unlimited", "the CPU is taken away in slices",
     "raise the CPU quota of the session or container"},
};

bool holds(const Rule& rule, const HostFacts& host) {
  const Fact* fact = host.find(rule.fact);
  if (fact == nullptr || !fact->known()) return false;
  return (host.value(rule.fact) == rule.value) == rule.equals;
}

std::int64_t number_of(const HostFacts& host, std::string_view name) {
  const Fact* fact = host.find(name);
  return fact != nullptr ? fact->number.value_or(0) : 0;
}

}  // namespace

Probes probe(const HostFacts& host) {
  const std::string cgroup = host.value("cgroup_memory_folder");
  return {.peaks_can_be_reset = can_open("/proc/self/clear_refs", O_WRONLY),
          .aslr_can_be_off = can_switch_aslr_off(),
          .cgroups_can_be_made = !cgroup.empty() && access(cgroup.c_str(), W_OK) == 0,
          .slabinfo_readable = can_open("/proc/slabinfo", O_RDONLY),
          .is_root = geteuid() == 0};
}

std::vector<Ability> abilities(const HostFacts& host, const PerfSession& perf,
                               const Probes& probes) {
  std::vector<Ability> found;
  for (const EventKind& kind : kEventKinds) found.push_back(ability_of(kind, perf));
  const auto add = [&](const char* name, bool available, std::string detail, const char* remedy) {
    found.push_back({name, available, std::move(detail), available ? "" : remedy});
  };
  add("peak of each phase", probes.peaks_can_be_reset, "VmHWM is reset through clear_refs",
      "mount /proc writable");
  add("ASLR off", probes.aslr_can_be_off, "addresses repeat from run to run in counts runs",
      "in a container: --security-opt seccomp=unconfined");
  add("memory limits", probes.cgroups_can_be_made,
      "a cgroup for each run, version " + host.value("cgroup_version"),
      "run as root, or: systemd-run --user --scope -p Delegate=yes alloclab …");
  add("swap files", probes.is_root, "experiments may make and remove one", "run as root");
  add("slab sizes", probes.slabinfo_readable, "/proc/slabinfo for system snapshots", "run as root");
  return found;
}

std::vector<Disturbance> disturbances(const HostFacts& host) {
  constexpr std::int64_t kBusyPercent = 50;
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  std::vector<Disturbance> found;
  for (const Rule& rule : kRules)
    if (holds(rule, host))
      found.push_back(
          {std::string(rule.fact) + " = " + host.value(rule.fact), rule.effect, rule.remedy});
  if (const auto load = number_of(host, "load_one_minute_percent"); load > kBusyPercent)
    found.push_back({"load = " + std::to_string(load) + " %", "other programs are running",
                     "stop them; a load of 100 % is one CPU"});
  if (const auto steal = number_of(host, "steal_ns"); steal > kSecondNs)
    found.push_back({"steal = " + std::to_string(steal / kSecondNs) + " s since boot",
                     "the host gives this machine's CPUs to others", "judge by counts"});
  return found;
}

}  // namespace lab::cli
