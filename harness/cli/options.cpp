#include "harness/cli/options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>

#include "harness/record/bad_input.h"
#include "harness/run/axis.h"
#include "harness/run/nearest.h"

namespace lab::cli {

namespace {

constexpr const char* kExamples = R"(examples:
  alloclab list experiments
  alloclab describe mmap_threshold
  alloclab run first_touch --allocators glibc,jemalloc --set block_bytes=4096,1MiB
  alloclab run server_threads --measure time --runs 15 --cpus 0,1
  alloclab run churn --arm base=/old/libjemalloc.so.2 --arm candidate=/new/libjemalloc.so.2
  alloclab run --resume results/latest
  alloclab claims mmap-128k
  alloclab doctor)";

template <class Value>
struct Choice {
  std::string_view name;
  Value value;
};
constexpr Choice<Profile> kProfiles[] = {
    {"smoke", Profile::smoke}, {"quick", Profile::quick}, {"full", Profile::full}};
constexpr Choice<Measure> kMeasures[] = {{"counts", Measure::counts}, {"time", Measure::time}};
constexpr Choice<const char*> kListings[] = {{"experiments", "experiments"},
                                             {"allocators", "allocators"},
                                             {"claims", "claims"},
                                             {"metrics", "metrics"}};

// Returns what `given` names, or throws BadInput with the nearest of `choices`.
template <class Value, std::size_t N>
Value chosen(const char* option, const std::string& given, const Choice<Value> (&choices)[N]) {
  std::vector<std::string_view> names;
  std::string known;
  for (const auto& choice : choices) {
    if (choice.name == given) return choice.value;
    names.push_back(choice.name);
    known += (known.empty() ? "" : ", ") + std::string(choice.name);
  }
  throw BadInput(std::string(option) + " '" + given + "'" + did_you_mean(given, names) +
                 ": expected one of " + known);
}

std::int64_t bytes_from(const std::string& option, const std::string& text) {
  const auto bytes = number_from(text);
  if (!bytes || *bytes < 0)
    throw BadInput(option + " " + text + ": expected bytes, such as 1048576 or 64MiB");
  return *bytes;
}

Shard shard_from(const std::string& text) {
  Shard shard;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d/%d%c", &shard.index, &shard.count, &rest) != 2 ||
      shard.count < 1 || shard.index < 1 || shard.index > shard.count)
    throw BadInput("--shard " + text + ": expected I/N with 1 <= I <= N");
  return shard;
}

// "0,2-4" gives "0,2,3,4".
std::string cpus_from(const std::string& text) {
  std::string cpus;
  for (const std::string& part : split(text, ',')) {
    int first = 0, last = 0, length = 0;
    const int found = std::sscanf(part.c_str(), "%4d%n-%4d%n", &first, &length, &last, &length);
    if (found == 1) last = first;
    if (found < 1 || first < 0 || last < first || part.size() != static_cast<std::size_t>(length))
      throw BadInput("--cpus " + text + ": expected numbers, such as 0,1 or 0-3");
    for (int cpu = first; cpu <= last; ++cpu)
      cpus += (cpus.empty() ? "" : ",") + std::to_string(cpu);
  }
  return cpus;
}

// Texts that are checked after parsing.
struct RawTexts {
  std::string what = "experiments", profile = "quick", measure = "counts";
  std::string shard, cpus, memory, swap;
  std::optional<double> timeout_s;  // by profile
};

void add_plan_options(CLI::App& run, RunFlags& flags, RawTexts& raw) {
  auto& request = flags.request;
  run.add_option("--allocators", request.allocators,
                 "NAME[=LIBRARY], separated by commas; default: all")
      ->delimiter(',');
  run.add_option("--arm", request.arms,
                 "ARM=ALLOCATOR or ARM=LIBRARY: name the sides of a comparison");
  run.add_option("--set", request.settings, "NAME=VALUE[,VALUE…]: values of a parameter or knob");
  run.add_option("--profile", raw.profile, "smoke, quick or full: scales values and repetitions");
  run.add_option("--runs", request.blocks, "runs of each case, in as many blocks");
  run.add_option("--measure", raw.measure, "counts (events on, ASLR off) or time (no events)");
  run.add_option("--seed", request.seed, "seed of workloads and order");
  run.add_option("--shard", raw.shard, "I/N: run only this part of the blocks");
}

void add_execution_options(CLI::App& run, RunFlags& flags, RawTexts& raw) {
  run.add_option("--out", flags.out, "result folder; default results/UTC-NAME");
  run.add_option("--resume", flags.resume, "complete the plan of an interrupted result");
  run.add_option("--extend", flags.extend, "add blocks to a complete result")->excludes("--resume");
  run.add_option("--blocks", flags.extend_blocks, "with --extend: how many")->needs("--extend");
  run.add_option("--reason", flags.reason, "with --extend: recorded in the manifest");
  run.add_option("--timeout", raw.timeout_s,
                 "seconds a run may take; default 60, with --profile full 600")
      ->check(CLI::PositiveNumber);
  run.add_option("--cpus", raw.cpus, "run on these CPUs only, such as 0,1 or 0-3");
  run.add_option("--memory", raw.memory, "memory limit of every run, through a cgroup");
  run.add_option("--swap", raw.swap, "swap allowed beyond --memory");
  run.add_option("--image-facts", flags.image_facts,
                 "JSON file of facts about the container, recorded with the environment");
  run.add_option("--timeline-ms", flags.execution.timeline_ms,
                 "sample statm every so many milliseconds")
      ->check(CLI::NonNegativeNumber);
  run.add_flag("--strict", flags.strict, "exit 1 when a run did not end well");
  run.add_flag("--quiet", flags.quiet, "no progress");
}

void note_plan_options(const CLI::App& run, RunFlags& flags) {
  for (const char* name :
       {"--allocators", "--arm", "--set", "--profile", "--runs", "--measure", "--seed", "--shard",
        "--out", "--cpus", "--memory", "--swap", "--timeline-ms"})
    if (run.count(name) > 0) flags.plan_options.emplace_back(name);
  flags.timeout_given = run.count("--timeout") > 0;
}

void finish_run_flags(RunFlags& flags, const RawTexts& raw) {
  flags.request.profile = chosen("--profile", raw.profile, kProfiles);
  flags.request.measure = chosen("--measure", raw.measure, kMeasures);
  Execution& execution = flags.execution;
  const double timeout_s =
      raw.timeout_s.value_or(flags.request.profile == Profile::full ? 600 : 60);
  execution.timeout_ms = static_cast<std::int64_t>(std::ceil(timeout_s * 1000));
  execution.cpus = cpus_from(raw.cpus);
  if (!raw.shard.empty()) flags.request.shard = shard_from(raw.shard);
  if (!raw.memory.empty()) execution.memory_limit_bytes = bytes_from("--memory", raw.memory);
  if (!raw.swap.empty()) execution.swap_limit_bytes = bytes_from("--swap", raw.swap);
  if (execution.swap_limit_bytes >= 0 && execution.memory_limit_bytes < 0)
    throw BadInput("--swap needs --memory: swap is allowed beyond a memory limit");
}

// What was meant by the first word that no command or option takes; empty when all were taken.
std::string about_unknown_word(const CLI::App& app) {
  const auto words = app.remaining(true);
  if (words.empty()) return {};
  std::vector<std::string> names;
  const auto commands = app.get_subcommands();
  if (commands.empty())
    for (const auto* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  else
    for (const auto* option : commands.front()->get_options(nullptr))
      names.push_back(option->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string word = words.front().substr(0, words.front().find('='));
  return (commands.empty() ? "unknown command '" : "unknown option '") + word + "'" +
         did_you_mean(word, views);
}

// Prints help or version, or why the command line is refused. Returns the exit code.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const std::string unknown = about_unknown_word(app);
  std::fprintf(stderr, "alloclab: %s; see: alloclab --help\n",
               unknown.empty() ? error.what() : unknown.c_str());
  return 2;
}

}  // namespace

Parsed parse(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  RawTexts raw;
  CLI::App app{"A reproducible laboratory for memory allocators."};
  app.footer(kExamples);
  app.require_subcommand(1);
  app.set_version_flag("--version", LAB_VERSION);

  auto* list = app.add_subcommand("list", "names of experiments, allocators, claims or metrics");
  list->add_option("what", raw.what, "experiments, allocators, claims or metrics");
  auto* describe = app.add_subcommand("describe", "question, method, parameters and phases");
  describe->add_option("NAME", options.names, "experiments")->required();
  auto* run = app.add_subcommand("run", "run experiments into a result folder");
  run->footer(kExamples);
  run->add_option("NAME", options.run.request.experiments, "experiments");
  add_plan_options(*run, options.run, raw);
  add_execution_options(*run, options.run, raw);
  auto* claims = app.add_subcommand("claims", "judge on this machine what people say");
  claims->add_option("ID", options.names, "claims; default: all");
  claims->add_option("--allocators", options.run.request.allocators, "separated by commas")
      ->delimiter(',');
  claims->add_option("--profile", raw.profile, "smoke, quick or full");
  claims->add_option("--out", options.run.out,
                     "result folder; times go to a second one, OUT-times");
  claims->add_option("--image-facts", options.run.image_facts,
                     "JSON file of facts about the container, recorded with the environment");
  claims->add_flag("--markdown", options.markdown, "a table for documents");
  claims->add_flag("--quiet", options.run.quiet, "no progress");
  auto* doctor = app.add_subcommand("doctor", "what can be measured here, and what disturbs");
  for (auto* command : {list, describe, run, claims, doctor})
    command->add_flag("--json", options.json, "print JSON");

  try {
    app.parse(argc, argv);
    note_plan_options(*run, options.run);
    finish_run_flags(options.run, raw);
    options.list_what = chosen("list", raw.what, kListings);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = explain(app, error);
  }
  options.command = *list       ? Command::list
                    : *describe ? Command::describe
                    : *run      ? Command::run
                    : *claims   ? Command::claims
                                : Command::doctor;
  options.command_line.assign(argv, argv + argc);
  return parsed;
}

}  // namespace lab::cli
