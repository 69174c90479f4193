// Which library serves the allocation functions of this process: asked of the dynamic loader, which is
// the one that decides. The parent compares the answer with what it meant to preload.
#pragma once

#include "harness/child/protocol.h"

namespace lab::child {

// Fills `serving` and `secure`. A function nobody serves gets an empty path.
void prove_who_serves(protocol::SharedPages& pages);

}  // namespace lab::child
