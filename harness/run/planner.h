// From a request to a plan: experiments × parameter points × knob points × arms. Checks every name
// and value; runs nothing.
#pragma once

#include "harness/record/plan.h"
#include "harness/run/arm.h"
#include "harness/run/request.h"

namespace lab {

// The experiment whose cost is measured beside every other one: a program that does nothing.
inline constexpr std::string_view kEmptyProgram = "empty_program";

// The names of all registered experiments, sorted.
std::vector<std::string_view> experiment_names();

// Throws BadInput for an unknown name, with the nearest valid one.
const Experiment& experiment_called(std::string_view name);

// Throws BadInput when a setting names no parameter or knob of any chosen experiment, or gives a value
// that its axis cannot take.
Plan make_plan(const RunRequest& request, const std::vector<Arm>& arms);

// What a judgement needs: an experiment at the points that `where` names (see Predicate), under some
// arms.
struct Selection {
  std::string_view experiment;
  std::string_view where;
  std::vector<Arm> arms;
};

// The plan that serves all selections, each case once. Throws BadInput for an unknown experiment, or a
// `where` that names no axis of it.
Plan plan_selections(const std::vector<Selection>& selections, const RunRequest& request);

// The blocks a profile runs when the user does not say: enough for the experiment's own table.
int default_blocks(Profile profile, Measure measure);

}  // namespace lab
