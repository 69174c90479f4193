// A piece of work whose effect on an allocator is looked at from inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/contract/allocator.h"
#include "harness/contract/registry.h"

namespace probe {

struct Scenario {
  std::string_view name;
  void (*run)(const lab::Allocator& allocator, std::size_t bytes);
};

// Prints "name value".
void tell(const char* name, std::int64_t value);

// Prints every statistic of the allocator as "when.metric value".
void tell_statistics(const lab::Allocator& allocator, const char* when);

// Prints resident anonymous, huge and virtual bytes and the number of maps as "when.… value".
void tell_memory(const char* when);

}  // namespace probe

#define LAB_REGISTER_SCENARIO(function)                                        \
  static constexpr ::probe::Scenario scenario_##function{#function, function}; \
  LAB_REGISTER(::probe::Scenario, scenario_##function)
