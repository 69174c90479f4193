#include "message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>

#include "bits.h"

namespace reference {
namespace {

// snprintf does not allocate for strings and integers. A line longer than this is cut.
constexpr std::size_t kLineBytes = 200;

// In one call, so that another thread's line cannot tear it.
void write_line(const char* line) {
  if (::write(STDERR_FILENO, line, strlen(line)) < 0) return;  // nobody is left to tell
}

}  // namespace

void warn(const char* what) {
  char line[kLineBytes];
  snprintf(line, sizeof line, "alloclab reference: %s\n", what);
  write_line(line);
}

void fail(const char* what, const void* address) {
  char line[kLineBytes];
  snprintf(line, sizeof line, "alloclab reference: %s (0x%" PRIxPTR ")\n", what,
           address_of(address));
  write_line(line);
  std::abort();
}

}  // namespace reference
