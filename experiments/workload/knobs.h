// The knobs that several experiments turn: named and explained once, with values for each profile.
#pragma once

#include "harness/contract/experiment.h"

namespace lab {

constexpr Param mmap_threshold_knob(std::string_view smoke, std::string_view quick = {},
                                    std::string_view full = {}) {
  return {"mmap_threshold_bytes", "byte", "size from which malloc uses mmap", smoke, quick, full};
}

constexpr Param trim_threshold_knob(std::string_view smoke, std::string_view quick = {},
                                    std::string_view full = {}) {
  return {"trim_threshold_bytes", "byte", "free top that free gives back", smoke, quick, full};
}

constexpr Param top_pad_knob(std::string_view smoke, std::string_view quick = {},
                             std::string_view full = {}) {
  return {"top_pad_bytes", "byte", "bought and left on top of what is needed", smoke, quick, full};
}

}  // namespace lab
