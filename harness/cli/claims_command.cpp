#include "harness/cli/claims_command.h"

#include <algorithm>
#include <cstdio>

#include "harness/claim/judge.h"
#include "harness/cli/claims_report.h"
#include "harness/cli/session.h"
#include "harness/record/bad_input.h"
#include "harness/run/nearest.h"
#include "harness/run/planner.h"

namespace lab::cli {

namespace {

// The yardstick that never frees: nobody says anything about it.
constexpr std::string_view kNoSubject = "bump";
constexpr int kExitInterrupted = 130;

std::vector<const Claim*> all_claims() {
  std::vector<const Claim*> claims;
  for (auto* entry = Registration<Claim>::first(); entry != nullptr; entry = entry->next())
    claims.push_back(&entry->item());
  std::sort(claims.begin(), claims.end(),
            [](const Claim* a, const Claim* b) { return a->id < b->id; });
  return claims;
}

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
                     "; all of them: alloclab claims");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

std::vector<Arm> arms_for_claims(const RunRequest& request) {
  auto arms = resolve_arms(request);
  if (request.allocators.empty())
    std::erase_if(arms, [](const Arm& arm) {
      return arm.allocator->name == kNoSubject || !arm.library.available;
    });
  return arms;
}

// A claim about the kernel needs one allocator, whichever; the others those they are about.
std::vector<Arm> arms_of(const Claim& claim, const std::vector<Arm>& arms) {
  if (claim.allocators.empty()) return {arms.front()};
  std::vector<Arm> chosen;
  for (const Arm& arm : arms)
    if (is_about(claim, arm.allocator->name)) chosen.push_back(arm);
  return chosen;
}

Plan plan_for(const std::vector<const Claim*>& claims, const std::vector<Arm>& arms,
              const RunRequest& request) {
  std::vector<Selection> selections;
  for (const Claim* claim : claims) {
    const auto own_arms = arms_of(*claim, arms);
    if (own_arms.empty()) continue;
    for (const Predicate& predicate : claim->predicates)
      selections.push_back({predicate.experiment, predicate.where, own_arms});
  }
  if (selections.empty())
    throw BadInput("none of these claims is about the chosen allocators; leave out --allocators");
  return plan_selections(selections, request);
}

std::vector<ClaimVerdict> judge_all(const std::vector<const Claim*>& claims,
                                    const std::vector<RunRecord>& runs,
                                    const std::vector<Arm>& arms) {
  std::vector<std::string> allocators;
  for (const Arm& arm : arms) allocators.emplace_back(arm.allocator->name);
  std::vector<ClaimVerdict> verdicts;
  for (const Claim* claim : claims)
    for (ClaimVerdict& verdict : judge(*claim, runs, allocators))
      verdicts.push_back(std::move(verdict));
  return verdicts;
}

void print(const Options& options, const std::vector<ClaimVerdict>& verdicts,
           const std::string& result) {
  std::string text;
  if (options.json) {
    text = nlohmann::ordered_json{{"claims", claims_json(verdicts, result)}}.dump(1) + "\n";
  } else if (options.markdown) {
    text = claims_markdown(verdicts);
  } else if (!options.names.empty()) {
    for (const ClaimVerdict& verdict : verdicts)
      if (verdict.verdict != Verdict::not_applicable) text += claim_details(verdict) + "\n";
  } else {
    text = claims_table(verdicts);
  }
  std::fputs(text.c_str(), stdout);
  if (!options.json && !options.markdown) std::printf("%s\n", result.c_str());
}

}  // namespace

int claims(const Options& options) {
  const auto chosen = claims_called(options.names);
  const auto arms = arms_for_claims(options.run.request);
  Session session = begin_result(options, "claims", plan_for(chosen, arms, options.run.request), arms);
  const auto outcome = execute(session, options.run);
  if (!outcome.complete) {
    std::fprintf(stderr, "interrupted; nothing is judged\n");
    return kExitInterrupted;
  }
  const auto journal = read_journal(session.folder / "runs.jsonl");
  const auto verdicts = judge_all(chosen, journal.runs, arms);
  session.manifest.claims = claims_json(verdicts, session.folder);
  write_manifest(session.folder, session.manifest);
  print(options, verdicts, session.folder);
  return 0;
}

}  // namespace lab::cli
