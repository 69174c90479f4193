// Runs a program that was built beside this one and takes the record that it writes: for what
// depends on how a program was built. The lab's preload and environment do not reach it.
#pragma once

#include <cstddef>

namespace lab {

// Returns whether a program called `name` lies in the folder of this one.
bool has_sibling(const char* name);

// Runs it to its end. Returns false when it cannot be run here or wrote less than `bytes`.
bool ask_sibling(const char* name, void* record, std::size_t bytes);

}  // namespace lab
