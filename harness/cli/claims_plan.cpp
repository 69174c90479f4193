#include "harness/cli/claims_plan.h"

#include <algorithm>

#include "harness/record/bad_input.h"
#include "harness/run/axis.h"
#include "harness/run/nearest.h"
#include "harness/run/planner.h"

namespace lab::cli {

namespace {

std::vector<const Claim*> all_claims() {
  std::vector<const Claim*> claims;
  for (auto* entry = Registration<Claim>::first(); entry != nullptr; entry = entry->next())
    claims.push_back(&entry->item());
  std::sort(claims.begin(), claims.end(),
            [](const Claim* a, const Claim* b) { return a->id < b->id; });
  return claims;
}

bool is_among(const std::vector<Arm>& arms, std::string_view allocator) {
  return std::any_of(arms.begin(), arms.end(),
                     [&](const Arm& arm) { return arm.allocator->name == allocator; });
}

// A claim about the kernel needs one allocator, whichever; the others those they are about.
std::vector<Arm> arms_judged(const Claim& claim, const std::vector<Arm>& judged) {
  if (claim.allocators.empty()) return {judged.front()};
  std::vector<Arm> chosen;
  for (const Arm& arm : judged)
    if (is_about(claim, arm.allocator->name)) chosen.push_back(arm);
  return chosen;
}

// `own` and the arms beside them that `predicate` wants to see.
std::vector<Arm> arms_seen(const Predicate& predicate, std::vector<Arm> own,
                           const std::vector<Arm>& arms) {
  for (const std::string& name : split(predicate.beside))
    if (!is_among(own, name))
      own.push_back(*std::find_if(arms.begin(), arms.end(),
                                  [&](const Arm& arm) { return arm.allocator->name == name; }));
  return own;
}

}  // namespace

std::vector<const Claim*> claims_called(const std::vector<std::string>& ids) {
  const auto all = all_claims();
  if (ids.empty()) return all;
  std::vector<const Claim*> chosen;
  for (const std::string& id : ids) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Claim* claim) { return claim->id == id; });
    if (found == all.end()) {
      std::vector<std::string_view> names;
      for (const Claim* claim : all) names.push_back(claim->id);
      throw BadInput("unknown claim '" + id + "'" + did_you_mean(id, names) +
                     "; see: alloclab list claims");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

std::vector<Arm> arms_to_judge(const RunRequest& request) {
  auto arms = resolve_arms(request);
  if (request.allocators.empty())
    std::erase_if(arms, [](const Arm& arm) {
      return arm.allocator->role != AllocatorRole::subject || !arm.library.available;
    });
  return arms;
}

std::vector<Arm> with_arms_beside(const std::vector<const Claim*>& claims, std::vector<Arm> judged) {
  std::vector<Arm> arms = std::move(judged);
  for (const Claim* claim : claims)
    for (const std::string_view name : allocators_beside(*claim))
      if (!is_among(arms, name)) {
        RunRequest request;
        request.allocators = {std::string(name)};
        arms.push_back(resolve_arms(request).front());
      }
  return arms;
}

Plan plan_for(const std::vector<const Claim*>& claims, const std::vector<Arm>& judged,
              const std::vector<Arm>& arms, const RunRequest& request, Measure measure) {
  std::vector<Selection> selections;
  for (const Claim* claim : claims) {
    const auto own_arms = arms_judged(*claim, judged);
    if (own_arms.empty()) continue;
    for (const Predicate& predicate : claim->predicates)
      if (predicate.times == (measure == Measure::time))
        selections.push_back(
            {predicate.experiment, predicate.where, arms_seen(predicate, own_arms, arms)});
  }
  RunRequest measured = request;
  if (measure == Measure::time) measured.blocks = default_blocks(request.profile, measure);
  return plan_selections(selections, measured);
}

}  // namespace lab::cli
