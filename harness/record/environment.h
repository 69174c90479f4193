// The environment of a run as the record stores it (schema/environment.schema.json): host facts,
// what perf can count, how the lab was built, and the variables the measured process gets. Reads
// nothing but what it is given.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "harness/sample/host.h"
#include "harness/sample/perf_events.h"

namespace lab {

// `variables` are NAME=VALUE, as given to every measured process (after scrubbing).
nlohmann::ordered_json environment_json(const HostFacts& host, const PerfSession& perf,
                                        std::span<const std::string> variables);

// How long a session took, and how much of all CPUs' time the hypervisor stole meanwhile. Both are null
// until the session has ended: a killed one stays so.
class SessionSpan {
 public:
  // Begins now.
  explicit SessionSpan(nlohmann::ordered_json& environment);
  // Ends now.
  void end(nlohmann::ordered_json& environment) const;

 private:
  std::chrono::steady_clock::time_point start_;
  Fact stolen_;
};

// How this program was built: compiler, flags, build type, commit, and whether the tree was dirty.
HostFacts build_facts();

}  // namespace lab
