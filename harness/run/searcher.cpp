#include "harness/run/searcher.h"

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

}  // namespace

bool run_search(Runner& runner, const PlannedSearch& search, const Search& definition,
                const Job& first, const Runner::Sink& sink) {
  Prober prober(runner, search, definition, first, sink);
  std::int64_t low = search.low;
  std::int64_t high = search.high;
  if (prober.holds_at(low) != std::optional(false) || prober.holds_at(high) != std::optional(true))
    return !prober.interrupted();
  while (high - low > search.step) {
    const std::int64_t middle = low + (high - low) / 2 / search.step * search.step;
    const std::int64_t probe = middle == low ? low + search.step : middle;
    const auto holds = prober.holds_at(probe);
    if (!holds) break;
    (*holds ? high : low) = probe;
  }
  return !prober.interrupted();
}

bool search_is_complete(const PlannedSearch& search, std::span<const RunRecord* const> probes) {
  std::optional<std::int64_t> low;
  std::optional<std::int64_t> high;
  for (const RunRecord* probe : probes) {
    if (!probe->search || !probe->search->holds) return true;  // stopped early
    const auto value = number_from(value_of(probe->of.params, search.param)).value_or(0);
    if (*probe->search->holds) high = std::min(high.value_or(value), value);
    else low = std::max(low.value_or(value), value);
  }
  if (low && high) return *high - *low <= search.step;
  return probes.size() >= 2 || (probes.size() == 1 && high);  // an end did not hold
}

}  // namespace lab
