// adapter_probe ALLOCATOR SCENARIO [BYTES]: does fixed work under a preloaded allocator and prints
// what its adapter and the kernel say of it, one "name value" a line. The tests judge.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "allocators/probe/scenario.h"

namespace {

template <class Item>
const Item* find(const char* kind, const char* name) {
  const Item* item = lab::find_registered<Item>(std::string_view(name));
  if (item == nullptr) std::fprintf(stderr, "no %s is called %s\n", kind, name);
  return item;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto* allocator = find<lab::Allocator>("allocator", argv[1]);
  const auto* scenario = find<probe::Scenario>("scenario", argv[2]);
  if (allocator == nullptr || scenario == nullptr) return 2;
  static char output[1 << 16];
  std::setvbuf(stdout, output, _IOFBF, sizeof output);
  scenario->run(*allocator, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0);
  return std::fflush(stdout);
}
