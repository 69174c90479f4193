// The child's and the launcher's end of the socket and the shared pages. No exceptions, no
// allocation: it works inside a process whose allocator is broken.
#pragma once

#include <cstddef>

#include "harness/child/protocol.h"

namespace lab::child {

// Maps the inherited shared pages. Exits with 70 when there are none: the program was started by hand.
// Present: every page at once, for who may not fault later; on demand: for who touches few.
enum class Pages { present, on_demand };
protocol::SharedPages& map_shared_pages(Pages pages = Pages::present);

// Copies `text` to a fixed field, cut when too long.
void put_text(char* field, std::size_t capacity, const char* text);

// Sends a message and blocks until the parent answers. Exits when the parent is gone.
void exchange(const protocol::Message& message);

// Tells the parent the reason and ends the process (exit code 70 for fail, 0 for skip).
[[noreturn]] void leave(protocol::SharedPages& pages, protocol::Kind kind, const char* reason);

}  // namespace lab::child
