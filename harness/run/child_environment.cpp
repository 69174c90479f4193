#include "harness/run/child_environment.h"

#include <unistd.h>

#include <cstdio>

namespace lab {

std::vector<std::string> common_variables() {
  char parent[32];
  // Fixed width: the length of the environment shifts the stack.
  std::snprintf(parent, sizeof parent, "%s=%010d", kParentVariable.data(), getpid());
  // LD_BIND_NOW: lazy binding would write to the libraries' tables inside a phase.
  return {"PATH=/usr/bin:/bin", "LC_ALL=C", "LD_BIND_NOW=1", parent};
}

ChildEnvironment child_environment(const Arm& arm, const Settings& knobs) {
  ChildEnvironment environment;
  if (arm.library.preload) environment.of_allocator["LD_PRELOAD"] = arm.library.path;
  const auto settings = borrowed(knobs);
  for (auto& [name, value] : knob_environment(*arm.allocator, settings, &environment.unsupported))
    environment.of_allocator[name] = value;
  environment.variables = common_variables();
  for (const auto& [name, value] : environment.of_allocator)
    environment.variables.push_back(name + '=' + value);
  return environment;
}

}  // namespace lab
