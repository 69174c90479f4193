// alloclab list: names with one line each.
#pragma once

#include <string>

namespace lab::cli {

// `what`: experiments, allocators or metrics. Returns the exit code.
int list(const std::string& what, bool json);

}  // namespace lab::cli
