// The description of an experiment: one question, one file. Constant data that the parent plans
// from, plus the body that the child runs. An experiment registers itself; nothing else names it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "harness/contract/context.h"
#include "harness/contract/few.h"
#include "harness/contract/metric.h"
#include "harness/contract/point.h"
#include "harness/contract/registry.h"
#include "harness/contract/run_view.h"
#include "harness/contract/view.h"

namespace lab {

enum class Profile { smoke, quick, full };

// A list that somebody else holds.
template <class T>
using List = std::span<const T>;

// A named axis. Values are words separated by blanks: numbers ("4096 64KiB 1MiB") or tokens
// ("read write"). Empty quick or full lists inherit the profile below. The same struct declares
// knobs, whose value `absent` means: the setting is not passed at all.
struct Param {
  std::string_view name;
  std::string_view unit;     // byte, page, count, percent, ms, token …
  std::string_view meaning;  // for `describe` and axis labels
  std::string_view smoke;
  std::string_view quick = {};
  std::string_view full = {};
};

// The value of an ideal at a point where nothing is known.
inline constexpr std::int64_t kNoIdeal = INT64_MIN;

// What the perfect allocator or kernel would show: recorded beside the measured value and drawn.
// For a gauge the value is a difference from the first mark.
struct Ideal {
  std::string_view phase;
  std::string_view metric;
  std::int64_t (*value)(const Point&, std::int64_t page_bytes);
  // Derived, not hoped for: a counts run under glibc with ASLR off shows exactly this number.
  bool exact = false;
};

// A bisection over `param` in fresh processes, for each allocator and every combination of the
// other parameters and knobs. Requires: holds(low) is false, holds(high) is true. Where it changes
// more than once between, the lowest change is found, and plots and claims say that there are
// others.
struct Search {
  std::string_view name;
  std::string_view param;
  std::int64_t low;
  std::int64_t high;
  std::int64_t step;  // resolution, in the parameter's unit
  bool (*holds)(const RunView&);
  std::string_view where = {};  // fixes other parameters, as in View
  std::string_view title = {};  // what its boundary is, for pictures and tables
};

// What a case needs beyond the ordinary; each is recorded, and refused by name where not permitted.
struct Needs {
  std::int64_t memory_bytes = 0;  // upper estimate: refused above a share of what is available
  std::int64_t memory_limit_bytes = 0;  // run inside a memory cgroup with this limit
  std::int64_t swap_limit_bytes = -1;   // swap inside that limit; 0 none, -1 not limited
  std::int64_t swap_file_bytes = 0;     // a swap file made for the run and removed after it
  bool system_snapshot = false;         // meminfo, vmstat, buddyinfo, slabinfo at each mark
  bool cgroup_snapshot = false;         // the run's cgroup files at each mark
  bool maps_snapshot = false;           // the list of maps at each mark, in a sidecar file
};

// `ListOf` says where the lists lie: by value in what a file writes, elsewhere in what is
// registered.
template <template <class, std::size_t> class ListOf>
struct ExperimentOf {
  std::string_view name;    // = file name
  std::string_view family;  // threshold, touch, fault, fragmentation, large, return, contention …
  std::string_view question;  // one sentence ending in a question mark
  std::string_view method;    // two or three sentences
  ListOf<Param, 8> params = {};
  ListOf<Param, 8> knobs = {};
  ListOf<std::string_view, 16> phases;  // in order; a loop may go through them several times
  ListOf<Metric, 24> metrics = {};      // what the body observes
  ListOf<std::string_view, 12> histograms = {};
  ListOf<Ideal, 32> ideals = {};
  ListOf<View, 12> plots = {};
  View table = {};  // left out: the first plot's numbers
  ListOf<Search, 4> searches = {};
  ListOf<std::string_view, 12> claims = {};  // ids of those it gives evidence for
  // False: the point of parameters and knobs makes no sense and is not planned.
  bool (*applies)(const Point&) = nullptr;
  Needs (*needs)(const Point&) = nullptr;
  bool mostly_idle = false;  // waits more than it works: counts runs may overlap
  int threads_limit = 1;     // 1 promises a single thread: exact counts
  // A measured program beside alloclab-child, for a body that needs a library which allocates. It
  // gives times only: counts runs are skipped. Its body is its own, `run` stays null.
  std::string_view program = {};
  void (*run)(Context&) = nullptr;
};

// What a file of experiments/ writes: one constant in one piece, seen by the compiler only.
using Description = ExperimentOf<Few>;

// What is registered, planned and run.
template <class T, std::size_t>
using ListElsewhere = List<T>;
using Experiment = ExperimentOf<ListElsewhere>;

// The experiment that `written` describes, with lists as long as they are: the child would pay for
// empty places at every start, in pages that the loader writes addresses into.
template <const Description& written>
class Compact {
  template <auto list>
  static constexpr auto exactly() {
    constexpr auto& items = written.*list;
    std::array<std::remove_cvref_t<decltype(items[0])>, items.size()> kept{};
    std::copy(items.begin(), items.end(), kept.begin());
    return kept;
  }
  static constexpr auto kParams = exactly<&Description::params>();
  static constexpr auto kKnobs = exactly<&Description::knobs>();
  static constexpr auto kPhases = exactly<&Description::phases>();
  static constexpr auto kMetrics = exactly<&Description::metrics>();
  static constexpr auto kHistograms = exactly<&Description::histograms>();
  static constexpr auto kIdeals = exactly<&Description::ideals>();
  static constexpr auto kPlots = exactly<&Description::plots>();
  static constexpr auto kSearches = exactly<&Description::searches>();
  static constexpr auto kClaims = exactly<&Description::claims>();

 public:
  static constexpr Experiment kExperiment{.name = written.name,
                                          .family = written.family,
                                          .question = written.question,
                                          .method = written.method,
                                          .params = kParams,
                                          .knobs = kKnobs,
                                          .phases = kPhases,
                                          .metrics = kMetrics,
                                          .histograms = kHistograms,
                                          .ideals = kIdeals,
                                          .plots = kPlots,
                                          .table = written.table,
                                          .searches = kSearches,
                                          .claims = kClaims,
                                          .applies = written.applies,
                                          .needs = written.needs,
                                          .mostly_idle = written.mostly_idle,
                                          .threads_limit = written.threads_limit,
                                          .program = written.program,
                                          .run = written.run};
};

}  // namespace lab
