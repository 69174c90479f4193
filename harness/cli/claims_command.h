// alloclab claims: measures what the chosen claims need and judges them.
#pragma once

#include "harness/cli/options.h"

namespace lab::cli {

// Returns 0 when every chosen claim got a verdict, 130 interrupted. Throws BadInput for an unknown id.
int claims(const Options& options);

}  // namespace lab::cli
