// The values of one parameter or knob for a run: from the profile, or as the user set them.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/experiment.h"
#include "harness/record/plan.h"

namespace lab {

inline constexpr std::string_view kAbsent = "absent";

// Splits at blanks or at `separator`; no empty parts.
std::vector<std::string> split(std::string_view text, char separator = ' ');

// The values that a profile gives to `param`; an empty list inherits from the profile below.
std::vector<std::string> values_for(const Param& param, Profile profile);

// Throws BadInput when `value` is neither a number where the axis has numbers nor one of its words.
void check_value(const Param& param, std::string_view value);

// All combinations of the axes, the last one varying fastest. Without axes: one empty combination.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};
std::vector<Settings> combinations(const std::vector<Axis>& axes);

}  // namespace lab
