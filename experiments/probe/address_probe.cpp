// address_probe_VARIANT: writes the addresses of its own objects to standard output, as one record.
// Built in the variants that this toolchain can build and this machine can run.
#include <unistd.h>

#include <cstdlib>

#include "experiments/probe/addresses.h"

int main() {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto addresses = lab::probe::look_around(std::malloc(64), page_bytes);
  return write(STDOUT_FILENO, &addresses, sizeof addresses) == sizeof addresses ? 0 : 1;
}
