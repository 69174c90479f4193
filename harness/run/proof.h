// Whether the allocator that was meant to be in force is: the parent's half of the proof.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/child/protocol.h"
#include "harness/run/arm.h"

namespace lab {

struct ProofOutcome {
  std::string problem;  // why the run is invalid, or empty
  std::vector<std::string> warnings;
  std::map<std::string, std::string> serving;
};

// malloc, free, calloc and realloc must all be served by the arm's library; other functions served by
// someone else are a warning.
ProofOutcome check_proof(const protocol::SharedPages& pages, const Arm& arm);

}  // namespace lab
