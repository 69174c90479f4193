// Resource limits in force, the hypervisor, and what else is going on: facts that are no plain
// file.
#pragma once

#include "harness/sample/host.h"

namespace lab {

void add_limits(HostFacts& facts);

// Load, steal time and free page reporting: state that changes while the lab runs.
void add_activity(HostFacts& facts);

// "none" on bare metal, else the most telling name there is.
Fact hypervisor_fact();

}  // namespace lab
