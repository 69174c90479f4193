// The environment that a measured process gets: nothing of the caller's, so that two machines give the
// same; plus what puts the allocator and its knobs in force.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/record/plan.h"
#include "harness/run/arm.h"

namespace lab {

struct ChildEnvironment {
  std::vector<std::string> variables;               // NAME=VALUE, all of them
  std::map<std::string, std::string> of_allocator;  // preload and knobs, for the record
  std::string unsupported;                          // why a knob cannot be set, or empty
};

// The variables every measured process gets, whatever the arm.
std::vector<std::string> common_variables();

ChildEnvironment child_environment(const Arm& arm, const Settings& knobs);

// Marks processes as ours, with the parent's number: NAME=.
inline constexpr std::string_view kParentVariable = "ALLOCLAB_PARENT";

}  // namespace lab
