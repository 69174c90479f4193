// The environment of a run as the record stores it (schema/environment.schema.json): host facts,
// what perf can count, how the lab was built, and the variables the measured process gets. Reads
// nothing but what it is given.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "harness/sample/host.h"
#include "harness/sample/perf_events.h"

namespace lab {

// `variables` are NAME=VALUE, as given to every measured process (after scrubbing).
nlohmann::ordered_json environment_json(const HostFacts& host, const PerfSession& perf,
                                        std::span<const std::string> variables);

// How this program was built: compiler, flags, build type, commit, and whether the tree was dirty.
HostFacts build_facts();

}  // namespace lab
