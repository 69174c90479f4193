// alloclab run: a new result, or more of an existing one (--resume, --extend).
#pragma once

#include "harness/cli/options.h"

namespace lab::cli {

// Returns 0 the plan is complete, 1 with --strict and a bad row, 130 interrupted. Throws BadInput.
int run(const Options& options);

}  // namespace lab::cli
