#include "harness/sample/host.h"

#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <span>

#include "harness/sample/host_cgroup.h"
#include "harness/sample/host_files.h"
#include "harness/sample/host_limits.h"
#include "harness/sample/tracefs.h"

namespace lab {
namespace {

// Facts that are one file each.
constexpr FactFile kKernelFiles[] = {
    {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
    {"aslr", "/proc/sys/kernel/randomize_va_space"},
    {"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
};

constexpr FactFile kCpuFiles[] = {
    {"cpu_governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
    {"cpu_boost", "/sys/devices/system/cpu/cpufreq/boost"},
    {"cpu_intel_no_turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo"},
    {"cpu_smt_active", "/sys/devices/system/cpu/smt/active"},
};

constexpr FactFile kMemoryFiles[] = {
    {"overcommit", "/proc/sys/vm/overcommit_memory"},
    {"overcommit_percent", "/proc/sys/vm/overcommit_ratio"},
    {"swappiness", "/proc/sys/vm/swappiness"},
    {"max_map_count", "/proc/sys/vm/max_map_count"},
    {"mglru", "/sys/kernel/mm/lru_gen/enabled"},
    {"ksm", "/sys/kernel/mm/ksm/run"},
    {"zswap", "/sys/module/zswap/parameters/enabled"},
    {"damon_threads_count", "/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"},
    {"damon_state", "/sys/kernel/mm/damon/admin/kdamonds/0/state"},
    {"page_reporting_passes_count", "/sys/module/page_reporting/parameters/passes"},
    {"page_reporting_order", "/sys/module/page_reporting/parameters/page_reporting_order"},
};

constexpr FactFile kThpFiles[] = {
    {"thp_enabled", "/sys/kernel/mm/transparent_hugepage/enabled"},
    {"thp_defrag", "/sys/kernel/mm/transparent_hugepage/defrag"},
    {"thp_shmem_enabled", "/sys/kernel/mm/transparent_hugepage/shmem_enabled"},
    {"thp_huge_page_bytes", "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"},
    {"thp_khugepaged_defrag", "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag"},
    {"thp_khugepaged_max_ptes_none",
     "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none"},
};

void add_files(HostFacts& facts, std::span<const FactFile> files) {
  for (const FactFile& file : files) facts.add(fact_from_file(file));
}

void add_kernel(HostFacts& facts) {
  utsname names{};
  uname(&names);
  facts.add(text_fact("kernel", std::string(names.sysname) + " " + names.release + " " +
                                    names.version + " " + names.machine));
  facts.add(text_fact("kernel_release", names.release));
  add_files(facts, kKernelFiles);
  const Tracefs tracefs;
  facts.add(tracefs ? text_fact("tracefs", tracefs.place())
                    : missing_fact("tracefs", tracefs.problem()));
  facts.add(fact_from_key({"seccomp", "/proc/self/status"}, "Seccomp"));
  facts.add(fact_from_key({"distribution", "/etc/os-release"}, "PRETTY_NAME"));
  facts.add(text_fact("libc", std::string("glibc ") + gnu_get_libc_version()));
}

void add_cpu(HostFacts& facts) {
  facts.add(fact_from_key({"cpu_model", "/proc/cpuinfo"}, "model name"));
  facts.add(number_fact("cpus_count", sysconf(_SC_NPROCESSORS_ONLN)));
  add_allowed_cpus(facts);
  facts.add(fact_from_key({"cpu_microcode", "/proc/cpuinfo"}, "microcode"));
  facts.add(hypervisor_fact());
  add_files(facts, kCpuFiles);
  facts.add(number_fact("page_bytes", sysconf(_SC_PAGESIZE)));
}

void add_memory(HostFacts& facts) {
  constexpr std::string_view kMeminfo = "/proc/meminfo";
  facts.add(fact_from_key({"memory_total_bytes", kMeminfo}, "MemTotal"));
  facts.add(fact_from_key({"memory_available_bytes", kMeminfo}, "MemAvailable"));
  facts.add(fact_from_key({"swap_total_bytes", kMeminfo}, "SwapTotal"));
  facts.add(fact_from_key({"swap_free_bytes", kMeminfo}, "SwapFree"));
  add_files(facts, kMemoryFiles);
  add_files(facts, kThpFiles);
  for (const std::int64_t kib : thp_sizes_kib()) {
    const std::string size = std::to_string(kib);
    facts.add(
        fact_from_file({"thp_" + size + "kib",
                        "/sys/kernel/mm/transparent_hugepage/hugepages-" + size + "kB/enabled"}));
  }
}

}  // namespace

const Fact* HostFacts::find(std::string_view name) const {
  for (const Fact& fact : facts_)
    if (fact.name == name) return &fact;
  return nullptr;
}

std::string HostFacts::value(std::string_view name) const {
  const Fact* fact = find(name);
  if (fact == nullptr) return {};
  if (fact->text) return *fact->text;
  return fact->number ? std::to_string(*fact->number) : std::string{};
}

HostFacts read_host() {
  HostFacts facts;
  add_kernel(facts);
  add_cpu(facts);
  add_memory(facts);
  add_cgroup(facts);
  add_limits(facts);
  add_activity(facts);
  return facts;
}

}  // namespace lab
