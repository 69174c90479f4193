#include "harness/cli/doctor.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/cli/doctor_findings.h"
#include "harness/record/environment.h"

namespace lab::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_host(const HostFacts& host) {
  std::printf(
      "%s · Linux %s · %s · %s × %s · %lld MiB · pages of %s bytes\n",
      host.value("distribution").c_str(), host.value("kernel_release").c_str(),
      host.value("libc").c_str(), host.value("cpus_count").c_str(), host.value("cpu_model").c_str(),
      std::atoll(host.value("memory_total_bytes").c_str()) >> 20, host.value("page_bytes").c_str());
}

void print_abilities(const std::vector<Ability>& abilities) {
  std::printf("\nWhat can be measured\n");
  for (const Ability& ability : abilities) {
    std::printf("  %-3s  %-18s  %s\n", ability.available ? "yes" : "no", ability.name.c_str(),
                ability.detail.c_str());
    if (!ability.remedy.empty()) std::printf("       → %s\n", ability.remedy.c_str());
  }
}

void print_disturbances(const std::vector<Disturbance>& disturbances) {
  std::printf("\nWhat disturbs%s\n", disturbances.empty() ? ": nothing that was found" : "");
  for (const Disturbance& one : disturbances)
    std::printf("  %s: %s\n       → %s\n", one.name.c_str(), one.effect.c_str(),
                one.remedy.c_str());
}

Json null_if_empty(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

void print_json(const HostFacts& host, const PerfSession& perf,
                const std::vector<Ability>& abilities,
                const std::vector<Disturbance>& disturbances) {
  Json json = {{"abilities", Json::array()}, {"disturbances", Json::array()}};
  for (const Ability& one : abilities)
    json["abilities"].push_back({{"name", one.name},
                                 {"available", one.available},
                                 {"detail", one.detail},
                                 {"remedy", null_if_empty(one.remedy)}});
  for (const Disturbance& one : disturbances)
    json["disturbances"].push_back(
        {{"name", one.name}, {"effect", one.effect}, {"remedy", one.remedy}});
  json["environment"] = environment_json(host, perf, {});
  std::printf("%s\n", json.dump(2).c_str());
}

}  // namespace

int doctor(bool json) {
  const HostFacts host = read_host();
  const PerfSession perf;
  const auto able = abilities(host, perf, probe(host));
  const auto disturbing = disturbances(host);
  if (json) {
    print_json(host, perf, able, disturbing);
    return 0;
  }
  print_host(host);
  print_abilities(able);
  print_disturbances(disturbing);
  return 0;
}

}  // namespace lab::cli
