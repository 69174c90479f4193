// fork: all locks are taken before the copy and released on both sides, so the child finds every
// structure whole.
#pragma once

namespace reference {

// Called once, before main, when no lock of ours can be held.
void survive_fork();

}  // namespace reference
