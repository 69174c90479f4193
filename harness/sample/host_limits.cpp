#include "harness/sample/host_limits.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "harness/sample/host_files.h"
#include "harness/sample/proc_parsers.h"

namespace lab {
namespace {

struct Limit {
  std::string_view name;
  int resource;
};

constexpr Limit kLimits[] = {
    {"limit_address_space_bytes", RLIMIT_AS},  {"limit_data_bytes", RLIMIT_DATA},
    {"limit_stack_bytes", RLIMIT_STACK},       {"limit_locked_bytes", RLIMIT_MEMLOCK},
    {"limit_file_bytes", RLIMIT_FSIZE},        {"limit_cpu_seconds", RLIMIT_CPU},
    {"limit_open_files_count", RLIMIT_NOFILE}, {"limit_processes_count", RLIMIT_NPROC},
};

// Steal is the eighth number of the line "cpu" in /proc/stat, in clock ticks; see proc(5).
std::optional<std::int64_t> stolen_ticks(std::string_view text) {
  take_word(text);
  std::optional<std::int64_t> value;
  for (int field = 0; field < 8; ++field) {
    value = take_number(text);
    if (!value) return std::nullopt;
  }
  return value;
}

void add_load(HostFacts& facts) {
  double load[3] = {};
  if (getloadavg(load, 3) != 3)
    return facts.add(missing_fact("load_one_minute_percent", "getloadavg failed"));
  facts.add(number_fact("load_one_minute_percent", std::lround(load[0] * 100)));
  facts.add(number_fact("load_five_minutes_percent", std::lround(load[1] * 100)));
}

}  // namespace

Fact steal_fact(std::string_view name) {
  const auto text = file_text("/proc/stat").value_or("");
  const auto ticks = stolen_ticks(text);
  if (!ticks) return missing_fact(name, "/proc/stat does not tell");
  return number_fact(name, *ticks * (1'000'000'000 / sysconf(_SC_CLK_TCK)));
}

void add_limits(HostFacts& facts) {
  for (const auto& [name, resource] : kLimits) {
    rlimit limit{};
    if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0)
      facts.add(missing_fact(name, std::strerror(errno)));
    else if (limit.rlim_cur == RLIM_INFINITY) facts.add(text_fact(name, "unlimited"));
    else facts.add(number_fact(name, static_cast<std::int64_t>(limit.rlim_cur)));
  }
}

void add_allowed_cpus(HostFacts& facts) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    facts.add(missing_fact("cpus_allowed_count", std::strerror(errno)));
  else facts.add(number_fact("cpus_allowed_count", CPU_COUNT(&allowed)));
  Fact list = fact_from_key({"cpus_allowed", "/proc/self/status"}, "Cpus_allowed_list");
  if (list.number) list = text_fact(list.name, std::to_string(*list.number));  // always a list: "0"
  facts.add(std::move(list));
}

void add_activity(HostFacts& facts) {
  add_load(facts);
  facts.add(steal_fact("steal_ns"));
  Fact reported = fact_from_file(
      {"page_reporting_bytes", "/sys/module/page_reporting/parameters/reported_kib"});
  if (reported.number) *reported.number *= 1024;
  facts.add(reported);
}

Fact hypervisor_fact() {
  constexpr std::string_view kName = "hypervisor";
  for (const char* path : {"/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor"})
    if (const Fact fact = fact_from_file({kName, path}); fact.known()) return fact;
  const Fact flags = fact_from_key({kName, "/proc/cpuinfo"}, "flags");
  if (!flags.text) return missing_fact(kName, "neither DMI nor CPU flags tell");
  return text_fact(kName, flags.text->find(" hypervisor") != std::string::npos
                              ? "present, does not tell its name"
                              : "none");
}

}  // namespace lab
