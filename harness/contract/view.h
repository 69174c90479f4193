// What a picture or table of a result shows: `metric` of `phase` against `x`, one series per `series`.
// Several metrics, separated by blanks, make a row of panels each. Times are taken from time runs, all
// else from counts runs.
// Said in one sentence:
//   view("One fault a page", "minor_faults_count", In("touch"), Over("touched_pages"))
#pragma once

#include <string_view>

namespace lab {

struct View {
  std::string_view title;  // a sentence a reader can check against the picture
  std::string_view metric;
  std::string_view phase = {};   // empty: every phase, with x = "phase"
  std::string_view x = "phase";  // "phase", "allocator", or a parameter or knob
  std::string_view series = "allocator";
  std::string_view facet = {};  // a parameter or knob: one small panel each
  std::string_view where = {};  // "touch=write block_bytes=1MiB": fixes other parameters
  bool since_start = false;     // gauges: difference from the first mark
  // Told as a multiple of what was measured elsewhere in the same block: "workload=control" in the
  // run with this parameter instead, "phase=control_*" in that phase of the same run (* is the phase).
  std::string_view relative_to = {};
};

// One field of a view, named where it is given.
template <std::string_view View::*field>
struct ViewPart {
  constexpr explicit ViewPart(std::string_view said) : text(said) {}
  constexpr void put(View& view) const { view.*field = text; }
  std::string_view text;
};
using In = ViewPart<&View::phase>;
using Over = ViewPart<&View::x>;
using Series = ViewPart<&View::series>;
using Panels = ViewPart<&View::facet>;
using Where = ViewPart<&View::where>;
using RelativeTo = ViewPart<&View::relative_to>;

struct SinceStart {
  constexpr void put(View& view) const { view.since_start = true; }
};
inline constexpr SinceStart kSinceStart;

template <class... Part>
constexpr View view(std::string_view title, std::string_view metric, const Part&... parts) {
  View made{.title = title, .metric = metric};
  (parts.put(made), ...);
  return made;
}

}  // namespace lab
