#include "harness/run/searcher.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace lab {

namespace {

class Prober {
 public:
  Prober(Runner& runner, const PlannedSearch& search, const Search& definition, const Job& first,
         const Runner::Sink& sink)
      : runner_(runner), search_(search), definition_(definition), job_(first), sink_(sink) {}

  // Returns whether the property holds at `value`; nothing when that could not be found out.
  std::optional<bool> holds_at(std::int64_t value) {
    job_.params = job_.of->params;
    job_.params.emplace_back(search_.param, std::to_string(value));
    job_.probe = SearchProbe{search_.name, ++step_, std::nullopt};
    job_.position = step_;
    auto finished = runner_.run_one(job_);
    if (!finished) {
      interrupted_ = true;
      return std::nullopt;
    }
    RunRecord& record = finished->record;
    std::optional<bool> holds;
    if (is_answer(record)) holds = definition_.holds(RecordView(record));
    record.search->holds = holds;
    sink_(std::move(*finished));
    return holds;
  }

  bool interrupted() const { return interrupted_; }

 private:
  // A run that the limit it asked for itself has killed is an answer, not a failure.
  bool is_answer(const RunRecord& record) const {
    if (record.status != Status::oom_killed || job_.experiment->needs == nullptr)
      return record.status == Status::ok;
    const auto settings = borrowed(job_.params);
    return job_.experiment->needs(Point(settings)).memory_limit_bytes > 0;
  }

  Runner& runner_;
  const PlannedSearch& search_;
  const Search& definition_;
  Job job_;
  const Runner::Sink& sink_;
  int step_ = 0;
  bool interrupted_ = false;
};

// What the probes so far say: the values tried, by whether the property held there.
class Bracket {
 public:
  void add(std::int64_t value, bool holds) { (holds ? with_ : without_).insert(value); }

  std::int64_t high() const { return *with_.begin(); }
  // The largest value tried below `high` where the property does not hold.
  std::int64_t low() const { return *std::prev(without_.lower_bound(high())); }
  bool tried(std::int64_t value) const { return with_.contains(value) || without_.contains(value); }

 private:
  std::set<std::int64_t> with_;
  std::set<std::int64_t> without_;
};

// The ends of a search are as it requires: what it looks for is not there yet, and there.
bool is_required(std::size_t place_in_grid, bool holds) {
  return place_in_grid > 1 || holds == (place_in_grid == 1);
}

}  // namespace

std::vector<std::int64_t> grid_of(const PlannedSearch& search) {
  constexpr int kBetween = 4;
  std::vector<std::int64_t> values{search.low, search.high};
  const double first = static_cast<double>(std::max(search.low, search.step));
  const double ratio = static_cast<double>(search.high) / first;
  for (int i = 1; i <= kBetween; ++i) {
    const double wanted = first * std::pow(ratio, static_cast<double>(i) / (kBetween + 1));
    const auto steps = (std::llround(wanted) - search.low) / search.step;
    const std::int64_t value = search.low + steps * search.step;
    const bool is_new = std::find(values.begin(), values.end(), value) == values.end();
    if (is_new && value > search.low && value < search.high) values.push_back(value);
  }
  return values;
}

bool run_search(Runner& runner, const PlannedSearch& search, const Search& definition,
                const Job& first, const Runner::Sink& sink) {
  Prober prober(runner, search, definition, first, sink);
  const auto grid = grid_of(search);
  Bracket bracket;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const auto holds = prober.holds_at(grid[i]);
    if (!holds || !is_required(i, *holds)) return !prober.interrupted();
    bracket.add(grid[i], *holds);
  }
  while (bracket.high() - bracket.low() > search.step) {
    const std::int64_t low = bracket.low();
    const std::int64_t middle = low + (bracket.high() - low) / 2 / search.step * search.step;
    const std::int64_t probe = middle == low ? low + search.step : middle;
    const auto holds = prober.holds_at(probe);
    if (!holds) break;
    bracket.add(probe, *holds);
  }
  return !prober.interrupted();
}

bool search_is_complete(const PlannedSearch& search, std::span<const RunRecord* const> probes) {
  const auto grid = grid_of(search);
  Bracket bracket;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const auto& probe = probes[i]->search;
    if (!probe || !probe->holds || !is_required(i, *probe->holds)) return true;  // stopped early
    bracket.add(number_from(value_of(probes[i]->of.params, search.param)).value_or(0),
                *probe->holds);
  }
  return std::all_of(grid.begin(), grid.end(), [&](auto value) { return bracket.tried(value); }) &&
         bracket.high() - bracket.low() <= search.step;
}

}  // namespace lab
