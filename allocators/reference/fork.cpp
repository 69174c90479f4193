#include "fork.h"

#include <pthread.h>

#include "cache_registry.h"
#include "check.h"
#include "direct.h"
#include "extents.h"
#include "lock.h"
#include "span_heap.h"

namespace reference {
namespace {

// In the order in which they may be taken one inside the other.
constexpr Lock* kLocks[] = {&check::quarantine_lock, &cache_registry::lock, &span_heap::lock,
                            &direct::lock, &extents::lock};

void before() {
  for (Lock* lock : kLocks) lock->acquire();
}

void in_parent() {
  for (Lock* lock : kLocks) lock->release();
}

void in_child() {
  for (Lock* lock : kLocks) lock->reset();
  cache_registry::orphan_others();
}

}  // namespace

void survive_fork() { pthread_atfork(before, in_parent, in_child); }

}  // namespace reference
