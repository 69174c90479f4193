#include "harness/cli/claims_command.h"

#include <cstdio>

#include "harness/cli/claims_plan.h"
#include "harness/cli/claims_report.h"
#include "harness/cli/session.h"
#include "harness/record/bad_input.h"

namespace lab::cli {

namespace {

constexpr int kExitInterrupted = 130;

// One result folder: the runs of one measure, as events make times wrong.
struct Part {
  Session session;
  std::vector<RunRecord> runs = {};
};

// Returns false when it was interrupted.
bool measure(Part& part, const RunFlags& flags) {
  if (!execute(part.session, flags).complete) return false;
  part.runs = read_journal(part.session.folder / "runs.jsonl").runs;
  return true;
}

Part begin(Options options, Measure measure, Plan plan, const std::vector<Arm>& arms) {
  const bool times = measure == Measure::time;
  options.run.request.measure = measure;
  if (times && !options.run.out.empty()) options.run.out += "-times";
  return {begin_result(options, times ? "claims_times" : "claims", std::move(plan), arms)};
}

// The parts that have something to run; times first, so that the counts are the latest result.
std::vector<Part> parts_for(const Options& options, const std::vector<const Claim*>& claims,
                            const std::vector<Arm>& judged) {
  const auto arms = with_arms_beside(claims, judged);
  std::vector<Part> parts;
  for (const Measure measure : {Measure::time, Measure::counts}) {
    auto plan = plan_for(claims, judged, arms, options.run.request, measure);
    if (!is_empty(plan)) parts.push_back(begin(options, measure, std::move(plan), arms));
  }
  if (parts.empty())
    throw BadInput("none of these claims is about the chosen allocators; leave out --allocators");
  return parts;
}

std::vector<ClaimVerdict> judge_all(const std::vector<const Claim*>& claims,
                                    const std::vector<Part>& parts, const std::vector<Arm>& judged) {
  std::vector<RunRecord> runs;
  for (const Part& part : parts) runs.insert(runs.end(), part.runs.begin(), part.runs.end());
  std::vector<std::string> allocators;
  for (const Arm& arm : judged) allocators.emplace_back(arm.allocator->name);
  std::vector<ClaimVerdict> verdicts;
  for (const Claim* claim : claims)
    for (ClaimVerdict& verdict : judge(*claim, runs, allocators))
      verdicts.push_back(std::move(verdict));
  return verdicts;
}

ResultFolders folders_of(const std::vector<Part>& parts) {
  ResultFolders folders;
  for (const Part& part : parts)
    (part.session.manifest.measure == "time" ? folders.times : folders.counts) = part.session.folder;
  return folders;
}

void print(const Options& options, const std::vector<ClaimVerdict>& verdicts,
           const ResultFolders& results) {
  std::string text;
  if (options.json) {
    text = nlohmann::ordered_json{{"claims", claims_json(verdicts, results)}}.dump(1) + "\n";
  } else if (options.markdown) {
    text = claims_markdown(verdicts);
  } else if (!options.names.empty()) {
    for (const ClaimVerdict& verdict : verdicts)
      if (verdict.verdict != Verdict::not_applicable) text += claim_details(verdict) + "\n";
  } else {
    text = claims_table(verdicts);
  }
  std::fputs(text.c_str(), stdout);
  if (options.json || options.markdown) return;
  for (const std::string& folder : {results.times, results.counts})
    if (!folder.empty()) std::printf("%s\n", folder.c_str());
}

}  // namespace

int claims(const Options& options) {
  const auto chosen = claims_called(options.names);
  const auto judged = arms_to_judge(options.run.request);
  auto parts = parts_for(options, chosen, judged);
  for (Part& part : parts)
    if (!measure(part, options.run)) {
      std::fprintf(stderr, "interrupted; nothing is judged\n");
      return kExitInterrupted;
    }
  const auto verdicts = judge_all(chosen, parts, judged);
  const auto results = folders_of(parts);
  for (Part& part : parts) {
    part.session.manifest.claims = claims_json(verdicts, results);
    write_manifest(part.session.folder, part.session.manifest);
  }
  print(options, verdicts, results);
  return 0;
}

}  // namespace lab::cli
