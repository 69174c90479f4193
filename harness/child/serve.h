// The life of a measured process: proves which library serves malloc, says hello, runs one body, and
// does nothing else.
#pragma once

#include "harness/contract/context.h"

namespace lab::child {

// Takes EXPERIMENT ALLOCATOR SEED [PARAM=VALUE…] from the command line. `body`, when given, stands in
// for the experiment's own. Requires: called from main, by a program that the launcher has started.
[[noreturn]] void serve(int argc, char** argv, void (*body)(Context&) = nullptr);

}  // namespace lab::child
