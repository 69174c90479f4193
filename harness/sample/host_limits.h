// Resource limits in force, the hypervisor, and what else is going on: facts that are no plain
// file.
#pragma once

#include "harness/sample/host.h"

namespace lab {

void add_limits(HostFacts& facts);

// The CPUs that this process may use: fewer than there are under taskset, a cpuset or a container's limit.
void add_allowed_cpus(HostFacts& facts);

// Load, steal time and free page reporting: state that changes while the lab runs.
void add_activity(HostFacts& facts);

// The time that the hypervisor has taken from all CPUs since boot.
Fact steal_fact(std::string_view name);

// "none" on bare metal, else the most telling name there is.
Fact hypervisor_fact();

}  // namespace lab
