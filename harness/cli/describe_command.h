// alloclab describe: one experiment on one screen.
#pragma once

#include <string>
#include <vector>

namespace lab::cli {

// Throws BadInput for an unknown name. Returns the exit code.
int describe(const std::vector<std::string>& names, bool json);

}  // namespace lab::cli
