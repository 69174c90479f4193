#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/doctor_findings.h"

namespace lab::cli {
namespace {

HostFacts host_with(const char* name, const char* value) {
  HostFacts host;
  host.add({name, std::string(value), {}, {}});
  return host;
}

TEST(Doctor, finds_nothing_disturbing_on_a_quiet_host) {
  HostFacts host;
  host.add({"hypervisor", std::string("none"), {}, {}});
  host.add({"thp_enabled", std::string("madvise"), {}, {}});
  host.add({"clocksource", std::string("tsc"), {}, {}});
  host.add({"swap_total_bytes", {}, 0, {}});
  host.add({"limit_address_space_bytes", std::string("unlimited"), {}, {}});
  host.add({"load_one_minute_percent", {}, 3, {}});
  EXPECT_TRUE(disturbances(host).empty());
}

TEST(Doctor, does_not_take_an_unknown_fact_for_a_disturbance) {
  HostFacts host;
  host.add({"cpu_governor", {}, {}, "no cpufreq here"});
  host.add({"hypervisor", {}, {}, "not told"});
  EXPECT_TRUE(disturbances(host).empty());
}

TEST(Doctor, names_each_disturbance_with_a_next_step) {
  const HostFacts hosts[] = {
      host_with("thp_enabled", "always"),  host_with("cpu_governor", "powersave"),
      host_with("clocksource", "hpet"),    host_with("hypervisor", "KVM"),
      host_with("damon_state", "on"),      host_with("page_reporting_order", "9"),
      host_with("swap_total_bytes", "42"), host_with("cgroup_cpu_limit", "50000"),
  };
  for (const HostFacts& host : hosts) {
    const auto found = disturbances(host);
    ASSERT_EQ(found.size(), 1u) << host.all()[0].name;
    EXPECT_TRUE(found[0].name.starts_with(host.all()[0].name));
    EXPECT_FALSE(found[0].effect.empty());
    EXPECT_FALSE(found[0].remedy.empty());
  }
}

TEST(Doctor, sees_load_and_steal) {
  HostFacts host;
  host.add({"load_one_minute_percent", {}, 180, {}});
  host.add({"steal_ns", {}, 5'000'000'000, {}});
  EXPECT_EQ(disturbances(host).size(), 2u);
}

TEST(Doctor, says_what_each_missing_ability_needs) {
  const PerfSession perf;
  const Probes nothing{};
  for (const Ability& ability : abilities(HostFacts{}, perf, nothing))
    if (!ability.available) {
      EXPECT_FALSE(ability.remedy.empty()) << ability.name;
    }
  const Probes all{true, true, true, true, true};
  for (const Ability& ability : abilities(HostFacts{}, perf, all))
    EXPECT_FALSE(ability.detail.empty()) << ability.name;
}

TEST(Doctor, probing_changes_nothing) {
  const HostFacts host = read_host();
  const Probes first = probe(host);
  const Probes second = probe(host);
  EXPECT_EQ(first.aslr_can_be_off, second.aslr_can_be_off);
  EXPECT_EQ(first.peaks_can_be_reset, second.peaks_can_be_reset);
  EXPECT_EQ(first.cgroups_can_be_made, second.cgroups_can_be_made);
}

}  // namespace
}  // namespace lab::cli
