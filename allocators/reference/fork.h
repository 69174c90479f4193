// fork: all locks are taken before the copy and released on both sides, so the child finds every
// structure under a lock whole. What other threads owned without a lock becomes orphans there.
#pragma once

namespace reference {

// Called once, before main, when no lock of ours can be held.
void survive_fork();

}  // namespace reference
