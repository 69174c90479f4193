#include "harness/run/planner.h"

#include <algorithm>
#include <set>

#include "harness/record/bad_input.h"
#include "harness/run/axis.h"
#include "harness/run/nearest.h"

namespace lab {

namespace {

// What the user set: axis name to values. Remembers which were used by some experiment.
class Overrides {
 public:
  explicit Overrides(const std::vector<std::string>& settings) {
    for (const std::string& text : settings)
      for (const std::string& setting : split(text)) add(setting);
  }

  const std::vector<std::string>* find(std::string_view name) {
    for (Override& override : overrides_)
      if (override.axis.name == name) {
        override.used = true;
        return &override.axis.values;
      }
    return nullptr;
  }

  void refuse_unused(const std::vector<std::string_view>& known) const {
    for (const Override& override : overrides_)
      if (!override.used)
        throw BadInput("no chosen experiment has a parameter or knob '" + override.axis.name + "'" +
                       did_you_mean(override.axis.name, known) + "; see: alloclab describe NAME");
  }

 private:
  struct Override {
    Axis axis;
    bool used = false;
  };

  void add(const std::string& setting) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == setting.size())
      throw BadInput("--set " + setting + ": expected NAME=VALUE[,VALUE…]");
    overrides_.push_back({{setting.substr(0, equals), split(setting.substr(equals + 1), ',')}});
  }

  std::vector<Override> overrides_;
};

Axis axis_of(const Param& param, Profile profile, Overrides& overrides) {
  const auto* given = overrides.find(param.name);
  if (given == nullptr) return {std::string(param.name), values_for(param, profile)};
  for (const std::string& value : *given)
    if (value != kAbsent) check_value(param, value);
  return {std::string(param.name), *given};
}

std::vector<Axis> axes_of(List<Param> params, Profile profile, Overrides& overrides,
                          std::string_view but = {}) {
  std::vector<Axis> axes;
  for (const Param& param : params)
    if (param.name != but) axes.push_back(axis_of(param, profile, overrides));
  return axes;
}

bool applies(const Experiment& experiment, const Settings& params, const Settings& knobs) {
  if (experiment.applies == nullptr) return true;
  auto settings = borrowed(params);
  for (const Setting& knob : borrowed(knobs)) settings.push_back(knob);
  return experiment.applies(Point(settings));
}

bool matches(const Case& planned, std::string_view where) {
  for (const std::string& condition : split(where)) {
    const auto equals = condition.find('=');
    const std::string name = condition.substr(0, equals);
    const std::string wanted = condition.substr(equals + 1);
    const auto param = value_of(planned.params, name);
    const auto value = param.empty() ? value_of(planned.knobs, name) : param;
    if (!value.empty() && value != wanted) return false;
  }
  return true;
}

std::vector<Case> cases_of(const Experiment& experiment, const std::vector<Arm>& arms,
                           const std::vector<Axis>& params, const std::vector<Axis>& knobs) {
  std::vector<Case> cases;
  for (const Settings& point : combinations(params))
    for (const Arm& arm : arms)
      for (const Settings& knob_point : combinations(knobs))
        if (applies(experiment, point, knob_point))
          cases.push_back({"", std::string(experiment.name), std::string(arm.allocator->name),
                           arm.name, point, knob_point});
  return cases;
}

PlannedSearch plan_search(const Search& search, const Experiment& experiment,
                          const std::vector<Arm>& arms, Profile profile, Overrides& overrides) {
  const auto params = axes_of(experiment.params, profile, overrides, search.param);
  const auto knobs = axes_of(experiment.knobs, profile, overrides);
  PlannedSearch planned{std::string(experiment.name), std::string(search.name),
                        std::string(search.param), search.low, search.high, search.step, {}};
  for (const auto& planned_case : cases_of(experiment, arms, params, knobs))
    if (matches(planned_case, search.where)) planned.cases.push_back(planned_case);
  return planned;
}

// An experiment about the kernel does not depend on the allocator: it runs under one unless the user
// chose others.
std::vector<Arm> arms_for(const Experiment& experiment, const RunRequest& request,
                          const std::vector<Arm>& arms) {
  const bool chosen = !request.arms.empty() || !request.allocators.empty();
  if (experiment.family != "kernel" || chosen || arms.empty()) return arms;
  return {arms.front()};
}

// The settings of a `where`, for Overrides, and the search it asks for.
struct Where {
  std::vector<std::string> settings;
  std::string search;
};

Where parse_where(std::string_view text) {
  Where where;
  for (std::string& word : split(text))
    if (word.starts_with("search=")) where.search = word.substr(7);
    else where.settings.push_back(std::move(word));
  return where;
}

std::string key_of(const Case& planned) {
  std::string key = planned.point_key() + '\n' + planned.arm;
  for (const auto& [name, value] : planned.knobs) key += '\n' + name + '=' + value;
  return key;
}

class SelectionPlanner {
 public:
  explicit SelectionPlanner(const RunRequest& request) : profile_(request.profile) {}

  void add(const Selection& selection) {
    const Experiment& experiment = experiment_called(selection.experiment);
    const Where where = parse_where(selection.where);
    Overrides overrides(where.settings);
    if (where.search.empty()) add_grid(experiment, selection, overrides);
    else add_search(experiment, selection, where.search, overrides);
    overrides.refuse_unused({});
  }

  Plan take() { return std::move(plan_); }

 private:
  void add_grid(const Experiment& experiment, const Selection& selection, Overrides& overrides) {
    const auto params = axes_of(experiment.params, profile_, overrides);
    const auto knobs = axes_of(experiment.knobs, profile_, overrides);
    for (Case& planned : cases_of(experiment, selection.arms, params, knobs))
      if (seen_.insert(key_of(planned)).second) plan_.cases.push_back(std::move(planned));
  }

  void add_search(const Experiment& experiment, const Selection& selection, const std::string& name,
                  Overrides& overrides) {
    const auto found = std::find_if(experiment.searches.begin(), experiment.searches.end(),
                                    [&](const Search& search) { return search.name == name; });
    if (found == experiment.searches.end())
      throw BadInput("experiment " + std::string(experiment.name) + " has no search '" + name + "'");
    auto search = plan_search(*found, experiment, selection.arms, profile_, overrides);
    std::erase_if(search.cases, [&](const Case& planned) {
      return !seen_.insert(name + '\n' + key_of(planned)).second;
    });
    if (!search.cases.empty()) plan_.searches.push_back(std::move(search));
  }

  const Profile profile_;
  Plan plan_;
  std::set<std::string> seen_;
};

void number(Plan& plan) {
  int next = 0;
  for (Case& planned : plan.cases) planned.id = "c" + std::to_string(next++);
  for (PlannedSearch& search : plan.searches)
    for (Case& planned : search.cases) planned.id = "s" + std::to_string(next++);
}

}  // namespace

std::vector<std::string_view> experiment_names() {
  std::vector<std::string_view> names;
  for (auto* entry = Registration<Experiment>::first(); entry != nullptr; entry = entry->next())
    names.push_back(entry->item().name);
  std::sort(names.begin(), names.end());
  return names;
}

const Experiment& experiment_called(std::string_view name) {
  if (const auto* found = find_registered<Experiment>(name)) return *found;
  const auto names = experiment_names();
  throw BadInput("unknown experiment '" + std::string(name) + "'" + did_you_mean(name, names) +
                 "; see: alloclab list experiments");
}

int default_blocks(Profile profile, Measure measure) {
  if (profile == Profile::smoke) return 1;
  if (measure == Measure::time) return profile == Profile::quick ? 6 : 15;
  return profile == Profile::quick ? 1 : 3;
}

Plan plan_selections(const std::vector<Selection>& selections, const RunRequest& request) {
  SelectionPlanner planner(request);
  for (const Selection& selection : selections) planner.add(selection);
  Plan plan = planner.take();
  plan.seed = request.seed;
  plan.blocks = request.blocks.value_or(1);
  number(plan);
  return plan;
}

Plan make_plan(const RunRequest& request, const std::vector<Arm>& arms) {
  Plan plan;
  plan.seed = request.seed;
  plan.shard = request.shard;
  plan.blocks = request.blocks.value_or(default_blocks(request.profile, request.measure));
  if (plan.blocks < 1) throw BadInput("--runs must be at least 1");
  Overrides overrides(request.settings);
  std::vector<std::string_view> known;
  for (const std::string& name : request.experiments) {
    const Experiment& experiment = experiment_called(name);
    const auto own_arms = arms_for(experiment, request, arms);
    const auto params = axes_of(experiment.params, request.profile, overrides);
    const auto knobs = axes_of(experiment.knobs, request.profile, overrides);
    for (Case& planned : cases_of(experiment, own_arms, params, knobs))
      plan.cases.push_back(std::move(planned));
    for (const Search& search : experiment.searches)
      plan.searches.push_back(plan_search(search, experiment, own_arms, request.profile, overrides));
    for (const List<Param> table : {List<Param>(experiment.params), List<Param>(experiment.knobs)})
      for (const Param& param : table) known.push_back(param.name);
  }
  overrides.refuse_unused(known);
  if (plan.cases.empty()) throw BadInput("the settings leave nothing to run; widen --set");
  const bool has_empty = std::find(request.experiments.begin(), request.experiments.end(),
                                   kEmptyProgram) != request.experiments.end();
  if (const auto* empty = find_registered<Experiment>(kEmptyProgram); empty && !has_empty)
    for (Case& planned : cases_of(*empty, arms, {}, {})) plan.cases.push_back(std::move(planned));
  number(plan);
  return plan;
}

}  // namespace lab
