#include "harness/cli/session.h"

#include <sched.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>

#include "harness/cli/progress.h"
#include "harness/record/bad_input.h"
#include "harness/record/catalogue_json.h"
#include "harness/record/environment.h"
#include "harness/record/result_folder.h"
#include "harness/run/axis.h"
#include "harness/run/child_environment.h"
#include "harness/run/order.h"
#include "harness/run/planner.h"
#include "harness/run/utc.h"

namespace lab::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kExitIncompleteStrict = 1;
constexpr int kExitInterrupted = 130;
constexpr std::size_t kProblemsTold = 12;
constexpr std::uint64_t kBytesPerRun = 8 * 1024;  // a row of eight phases

std::atomic<bool> interrupted{false};

void on_interrupt(int) { interrupted = true; }

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

std::string beside_this_program(const char* name) {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / name;
  if (!fs::exists(program))
    throw std::runtime_error(program.string() + " is missing; build it: make build");
  return program;
}

RunSettings settings_from(const Manifest& manifest) {
  const Execution& execution = manifest.execution;
  RunSettings settings;
  settings.launcher = beside_this_program("alloclab-launch");
  settings.child = beside_this_program("alloclab-child");
  settings.measure = manifest.measure == "time" ? Measure::time : Measure::counts;
  settings.cpus = execution.cpus;
  settings.timeout = std::chrono::milliseconds(execution.timeout_ms);
  settings.timeline = std::chrono::milliseconds(execution.timeline_ms);
  settings.memory_limit_bytes = execution.memory_limit_bytes;
  settings.swap_limit_bytes = execution.swap_limit_bytes;
  return settings;
}

AllocatorRecord describe(const Arm& arm) {
  AllocatorRecord record;
  record.arm = arm.name;
  record.name = arm.allocator->name;
  record.summary = arm.allocator->summary;
  record.package = arm.allocator->package;
  record.available = arm.library.available;
  record.reason = arm.library.reason;
  record.path = arm.library.path;
  record.sha256 = arm.library.sha256;
  record.origin = arm.library.origin;
  record.role = name_of(arm.allocator->role);
  for (const KnobRule& rule : arm.allocator->knobs)
    if (record.knobs.empty() || record.knobs.back() != rule.knob)
      record.knobs.emplace_back(rule.knob);
  return record;
}

void describe_catalogue(Manifest& manifest, const std::vector<Arm>& arms) {
  std::set<std::string> names;
  for (const Case& planned : manifest.plan.cases) names.insert(planned.experiment);
  for (const PlannedSearch& search : manifest.plan.searches) names.insert(search.experiment);
  std::vector<const Experiment*> experiments;
  for (const std::string& name : names) experiments.push_back(&experiment_called(name));
  std::vector<const Allocator*> allocators;
  for (const Arm& arm : arms) {
    allocators.push_back(arm.allocator);
    manifest.allocators.push_back(describe(arm));
  }
  manifest.metrics = metric_registry(experiments, allocators);
  for (const Experiment* experiment : experiments)
    manifest.experiments.push_back(to_json(*experiment));
}

nlohmann::ordered_json read_image_facts(const std::string& path) {
  std::ifstream file(path);
  auto facts = nlohmann::ordered_json::parse(file, nullptr, false);
  if (!facts.is_object()) throw BadInput("--image-facts " + path + ": not a readable JSON object");
  return facts;
}

// Adds the environment of this invocation and returns its name.
std::string add_environment(Manifest& manifest, const PerfSession& perf,
                            const std::string& image_facts) {
  auto environment = environment_json(read_host(), perf, common_variables());
  if (!image_facts.empty()) environment.update(read_image_facts(image_facts));
  const std::string name = "e" + std::to_string(manifest.environments.size());
  manifest.environments[name] = std::move(environment);
  return name;
}

void tell_problems(const SweepOutcome& outcome) {
  std::size_t told = 0;
  for (const auto& [who, problem] : outcome.problems) {
    if (++told > kProblemsTold) break;
    std::fprintf(stderr, "  %s (%zu ×): %s\n", who.c_str(), problem.runs,
                 problem.first_reason.c_str());
  }
  if (outcome.problems.size() > kProblemsTold)
    std::fprintf(stderr, "  … and %zu other problems, see runs.jsonl\n",
                 outcome.problems.size() - kProblemsTold);
}

void require_cpus(const std::string& cpus) {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return;  // the launcher will tell
  for (const std::string& cpu : split(cpus, ','))
    if (const auto number = std::stoul(cpu); number >= CPU_SETSIZE || !CPU_ISSET(number, &usable))
      throw BadInput("--cpus " + cpu + ": this process may not use that CPU; see: taskset -cp $$");
}

}  // namespace

void require_present(const RunFlags& flags) {
  require_cpus(flags.execution.cpus);
  if (!flags.image_facts.empty()) read_image_facts(flags.image_facts);
}

Session begin_result(const Options& options, const std::string& name, Plan plan,
                     std::vector<Arm> arms) {
  const auto& request = options.run.request;
  Session session;
  session.arms = std::move(arms);
  for (Arm& arm : session.arms) identify(arm.library);
  Manifest& manifest = session.manifest;
  manifest.created = utc_now();
  manifest.command_line = options.command_line;
  manifest.profile = request.profile == Profile::smoke   ? "smoke"
                     : request.profile == Profile::quick ? "quick"
                                                         : "full";
  manifest.measure = name_of(request.measure);
  manifest.execution = options.run.execution;
  manifest.plan = std::move(plan);
  describe_catalogue(manifest, session.arms);
  const auto runs = manifest.plan.cases.size() * blocks_of_shard(manifest.plan).size();
  session.folder =
      make_result_folder(options.run.out, name, utc_stamp(), (runs + 1000) * kBytesPerRun);
  return session;
}

SweepOutcome execute(Session& session, const RunFlags& flags) {
  for (const std::string& found : clean_up_after_killed_parents())
    std::fprintf(stderr, "alloclab: %s\n", found.c_str());
  catch_interrupts();
  Manifest& manifest = session.manifest;
  const RunSettings settings = settings_from(manifest);
  PerfSession perf;
  const bool counts = settings.measure == Measure::counts;
  if (!counts) perf.let_go();
  const std::string environment = add_environment(manifest, perf, flags.image_facts);
  const SessionSpan span(manifest.environments[environment]);
  manifest.outcome = "running";
  manifest.ended.clear();
  write_manifest(session.folder, manifest);
  if (!session.claim) session.claim = claim_result(session.folder, true);
  point_latest_at(session.folder);

  Runner runner(settings, counts ? &perf : nullptr, interrupted);
  Sweep sweep(session.folder, manifest, session.arms, environment, session.done);
  Progress progress(flags.quiet);
  const auto outcome = sweep.execute(runner, std::ref(progress));
  progress.done();
  span.end(manifest.environments[environment]);
  manifest.ended = utc_now();
  manifest.outcome = outcome.complete ? "complete" : "interrupted";
  write_manifest(session.folder, manifest);
  return outcome;
}

int conclude(const Session& session, const SweepOutcome& outcome, const RunFlags& flags, bool json) {
  tell_problems(outcome);
  std::size_t runs = 0;
  for (const auto& [status, count] : outcome.by_status) runs += count;
  std::string summary = std::to_string(runs) + (runs == 1 ? " run" : " runs");
  for (const auto& [status, count] : outcome.by_status)
    if (status != Status::ok) summary += ", " + std::to_string(count) + " " + std::string(name_of(status));
  if (!flags.quiet) std::fprintf(stderr, "%s\n", summary.c_str());
  if (!outcome.complete)
    std::fprintf(stderr, "interrupted; continue with: alloclab run --resume %s\n",
                 session.folder.c_str());
  if (json) {
    nlohmann::ordered_json object{{"result", session.folder.string()},
                                  {"complete", outcome.complete},
                                  {"runs", runs}};
    for (const auto& [status, count] : outcome.by_status)
      object["by_status"][std::string(name_of(status))] = count;
    std::printf("%s\n", object.dump().c_str());
  } else {
    std::printf("%s\n", session.folder.c_str());
  }
  if (!outcome.complete) return kExitInterrupted;
  return flags.strict && !outcome.all_ok() ? kExitIncompleteStrict : 0;
}

}  // namespace lab::cli
