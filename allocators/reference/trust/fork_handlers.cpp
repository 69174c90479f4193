// A library that allocates in its fork handlers, which it registers when it is loaded: before a
// preloaded allocator, unless that asks to be constructed first.
#include <pthread.h>

#include <cstdlib>
#include <initializer_list>

namespace {

void use_malloc() {
  for (const int bytes : {100, 50'000, 300'000, 9'000'000}) free(malloc(bytes));
}

[[gnu::constructor]] void prepare() { pthread_atfork(use_malloc, use_malloc, use_malloc); }

}  // namespace

extern "C" [[gnu::visibility("default")]] void load_fork_handlers() {}
