// What `doctor` says: what can be measured on this host and what disturbs measuring, each with the
// next step. The judgements are pure functions of what was found.
#pragma once

#include <string>
#include <vector>

#include "harness/sample/host.h"
#include "harness/sample/perf_events.h"

namespace lab::cli {

struct Ability {
  std::string name;
  bool available;
  std::string detail;       // what it gives; or why it is not to be had
  std::string remedy = {};  // the command or step that would change it
};

struct Disturbance {
  std::string name;
  std::string effect;
  std::string remedy;
};

// What was tried out on this host, beyond reading facts.
struct Probes {
  bool peaks_can_be_reset;
  bool aslr_can_be_off;
  bool cgroups_can_be_made;
  bool slabinfo_readable;
  bool is_root;
};

// Tries them out on this process; leaves nothing changed.
Probes probe(const HostFacts& host);

std::vector<Ability> abilities(const HostFacts& host, const PerfSession& perf,
                               const Probes& probes);
std::vector<Disturbance> disturbances(const HostFacts& host);

}  // namespace lab::cli
