// The command `alloclab doctor`: what can be measured here, what each missing thing would need, and
// what disturbs, on one screen.
#pragma once

namespace lab::cli {

// Prints to standard output. Returns the exit code, which is 0 whatever was found.
int doctor(bool json);

}  // namespace lab::cli
