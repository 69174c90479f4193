// Bisection over one parameter in fresh processes; each probe is an ordinary journalled run.
#pragma once

#include <vector>

#include "harness/run/runner.h"

namespace lab {

// Runs the probes of one planned case: the two ends, a coarse grid between them, then halves of the
// lowest step of that grid where what the search looks for begins to hold, until two neighbours
// differ. The grid shows when it ends to hold again: then the boundary is the lowest of several. Stops
// early when an end does not hold what the search requires, or a probe is not ok; one killed by the
// memory limit that its experiment asks for counts as an answer. Returns false when interrupted.
bool run_search(Runner& runner, const PlannedSearch& search, const Search& definition,
                const Job& first, const Runner::Sink& sink);

// The values probed first, in order: the ends, then four between them, evenly spaced in ratio.
std::vector<std::int64_t> grid_of(const PlannedSearch& search);

// True when `probes` already hold the whole search: the two neighbours, or an early stop.
bool search_is_complete(const PlannedSearch& search, std::span<const RunRecord* const> probes);

}  // namespace lab
