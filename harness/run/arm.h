// An arm: an allocator as one side of a comparison, with the library that puts it in force.
#pragma once

#include <string>
#include <vector>

#include "harness/run/library.h"
#include "harness/run/request.h"

namespace lab {

struct Arm {
  std::string name;
  const Allocator* allocator = nullptr;
  ResolvedLibrary library;
};

// The names of all registered allocators, in a fixed order.
std::vector<std::string_view> allocator_names();

// Returns the arms that the request names: its --arm options, else its allocators, else all
// but checkers, each with its library found but not yet identified. An allocator that is not installed
// stays an arm; its library says why. Throws BadInput for an unknown allocator or an arm of no known allocator.
std::vector<Arm> resolve_arms(const RunRequest& request);

}  // namespace lab
