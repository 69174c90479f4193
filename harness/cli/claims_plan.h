// What has to be measured before claims can be judged: which claims, under which allocators, in
// which two plans. Runs nothing.
#pragma once

#include <string>
#include <vector>

#include "harness/claim/judge.h"
#include "harness/record/plan.h"
#include "harness/run/arm.h"

namespace lab::cli {

// Returns the claims of those ids, all of them when there are none. Throws BadInput for an unknown id.
std::vector<const Claim*> claims_called(const std::vector<std::string>& ids);

// The arms that claims are judged for: those asked for, else every allocator that is here.
std::vector<Arm> arms_to_judge(const RunRequest& request);

// `judged` and the arms that the claims need beside them.
std::vector<Arm> with_arms_beside(const std::vector<const Claim*>& claims, std::vector<Arm> judged);

// The plan of what the claims need to have counted, or timed. It may be empty.
Plan plan_for(const std::vector<const Claim*>& claims, const std::vector<Arm>& judged,
              const std::vector<Arm>& arms, const RunRequest& request, Measure measure);

inline bool is_empty(const Plan& plan) { return plan.cases.empty() && plan.searches.empty(); }

}  // namespace lab::cli
