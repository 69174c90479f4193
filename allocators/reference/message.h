// Messages without allocation: one line to standard error.
#pragma once

#include <cstdint>

namespace reference {

// Writes "alloclab reference: <what>".
void warn(const char* what);

// Writes "alloclab reference: <what> (0x<address>)" and aborts.
[[noreturn]] void fail(const char* what, const void* address);

}  // namespace reference
