#include "harness/cli/run_command.h"

#include <cstdio>

#include "harness/cli/session.h"
#include "harness/record/bad_input.h"
#include "harness/record/result_folder.h"
#include "harness/run/planner.h"
#include "harness/run/utc.h"

namespace lab::cli {

namespace {

// The plan comes from the folder; options that would change it contradict that.
void refuse_plan_options(const RunFlags& flags, const char* option) {
  if (!flags.request.experiments.empty())
    throw BadInput(std::string(option) + " takes the plan from its folder; leave out '" +
                   flags.request.experiments.front() + "'");
  if (!flags.plan_options.empty())
    throw BadInput(std::string(option) + " takes the plan from its folder; leave out " +
                   flags.plan_options.front());
}

std::vector<Arm> arms_of(const Manifest& manifest) {
  std::vector<Arm> arms;
  for (const AllocatorRecord& record : manifest.allocators) {
    RunRequest request;
    request.arms = {record.arm + '=' + record.name +
                    (record.path.empty() || record.name == "glibc" ? "" : '=' + record.path)};
    arms.push_back(resolve_arms(request).front());
    identify(arms.back().library);
    if (!record.sha256.empty() && arms.back().library.sha256 != record.sha256)
      throw BadInput("the library of " + record.arm + " (" + record.path +
                     ") is another one than in the result; start a new result instead");
  }
  return arms;
}

void require_known_experiments(const Plan& plan, const std::string& folder) {
  try {
    for (const Case& planned : plan.cases) experiment_called(planned.experiment);
    for (const PlannedSearch& search : plan.searches) experiment_called(search.experiment);
  } catch (const BadInput& error) {
    throw BadInput(folder + "/manifest.json: " + error.what());
  }
}

Session open_result(const std::string& folder) {
  Session session;
  session.folder = folder;
  session.claim = claim_result(session.folder, false);
  session.manifest = read_manifest(folder);
  session.done = read_journal(session.folder / "runs.jsonl");
  if (session.done.torn)
    std::fprintf(stderr, "alloclab: the last line of %s/runs.jsonl was torn and is dropped\n",
                 folder.c_str());
  session.arms = arms_of(session.manifest);
  require_known_experiments(session.manifest.plan, folder);
  return session;
}

Session extend_result(const RunFlags& flags) {
  if (flags.extend_blocks < 1) throw BadInput("--extend needs --blocks N with N >= 1");
  Session session = open_result(flags.extend);
  session.manifest.plan.blocks += flags.extend_blocks;
  session.manifest.plan.extensions.push_back(
      {utc_now(), flags.extend_blocks, flags.reason.empty() ? "asked" : flags.reason});
  return session;
}

std::string name_for(const std::vector<std::string>& experiments) {
  return experiments.size() == 1 ? experiments.front()
                                 : std::to_string(experiments.size()) + "_experiments";
}

Session new_result(const Options& options) {
  const RunRequest& request = options.run.request;
  if (request.experiments.empty())
    throw BadInput("run needs the name of an experiment; see: alloclab list experiments");
  auto arms = resolve_arms(request);
  auto plan = make_plan(request, arms);
  return begin_result(options, name_for(request.experiments), std::move(plan), std::move(arms));
}

}  // namespace

int run(const Options& options) {
  const RunFlags& flags = options.run;
  require_present(flags);
  if (!flags.resume.empty()) refuse_plan_options(flags, "--resume");
  if (!flags.extend.empty()) refuse_plan_options(flags, "--extend");
  Session session = !flags.resume.empty()   ? open_result(flags.resume)
                    : !flags.extend.empty() ? extend_result(flags)
                                            : new_result(options);
  if (flags.timeout_given) session.manifest.execution.timeout_ms = flags.execution.timeout_ms;
  const auto outcome = execute(session, flags);
  return conclude(session, outcome, flags, options.json);
}

}  // namespace lab::cli
