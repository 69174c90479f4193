#include "harness/cli/options.h"

#include <CLI/CLI.hpp>

#include "harness/record/bad_input.h"

namespace lab::cli {

namespace {

constexpr const char* kExamples = R"(examples:
  alloclab list experiments
  alloclab describe mmap_threshold
  alloclab run first_touch --allocators glibc,jemalloc --set block_bytes=4096,1MiB
  alloclab run larson --measure time --runs 15 --cpus 0,1
  alloclab run churn --arm base=/old/libjemalloc.so.2 --arm candidate=/new/libjemalloc.so.2
  alloclab run --resume results/latest
  alloclab claims mmap-128k
  alloclab doctor)";

const std::map<std::string, Profile> kProfiles{
    {"smoke", Profile::smoke}, {"quick", Profile::quick}, {"full", Profile::full}};
const std::map<std::string, Measure> kMeasures{{"counts", Measure::counts}, {"time", Measure::time}};

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

// Texts that are checked after parsing.
struct RawTexts {
  std::string shard, memory, swap;
};

void add_plan_options(CLI::App& run, RunFlags& flags, RawTexts& raw) {
  auto& request = flags.request;
  run.add_option("--allocators", request.allocators, "NAME[=LIBRARY], separated by commas; default: all")
      ->delimiter(',');
  run.add_option("--arm", request.arms, "ARM=ALLOCATOR or ARM=LIBRARY: name the sides of a comparison");
  run.add_option("--set", request.settings, "NAME=VALUE[,VALUE…]: values of a parameter or knob");
  run.add_option("--profile", request.profile, "smoke, quick or full: scales values and repetitions")
      ->transform(CLI::CheckedTransformer(kProfiles));
  run.add_option("--runs", request.blocks, "runs of each case, in as many blocks");
  run.add_option("--measure", request.measure, "counts (events on, ASLR off) or time (no events)")
      ->transform(CLI::CheckedTransformer(kMeasures));
  run.add_option("--seed", request.seed, "seed of workloads and order");
  run.add_option("--shard", raw.shard, "I/N: run only this part of the blocks");
}

void add_execution_options(CLI::App& run, RunFlags& flags, RawTexts& raw) {
  run.add_option("--out", flags.out, "result folder; default results/UTC-NAME");
  run.add_option("--resume", flags.resume, "complete the plan of an interrupted result");
  run.add_option("--extend", flags.extend, "add blocks to a complete result")->excludes("--resume");
  run.add_option("--blocks", flags.extend_blocks, "with --extend: how many")->needs("--extend");
  run.add_option("--reason", flags.reason, "with --extend: recorded in the manifest");
  run.add_option("--timeout", flags.timeout_s, "seconds a run may take")->check(CLI::PositiveNumber);
  run.add_option("--cpus", flags.cpus, "run on these CPUs only, such as 0,1");
  run.add_option("--memory", raw.memory, "memory limit of every run, through a cgroup");
  run.add_option("--swap", raw.swap, "swap allowed beyond --memory");
  run.add_option("--image-facts", flags.image_facts,
                 "JSON file of facts about the container, recorded with the environment");
  run.add_option("--timeline-ms", flags.timeline_ms, "sample statm every so many milliseconds")
      ->check(CLI::NonNegativeNumber);
  run.add_flag("--strict", flags.strict, "exit 1 when a run did not end well");
  run.add_flag("--quiet", flags.quiet, "no progress");
}

void note_plan_options(const CLI::App& run, RunFlags& flags) {
  for (const char* name :
       {"--allocators", "--arm", "--set", "--profile", "--runs", "--measure", "--seed", "--shard",
        "--out"})
    if (run.count(name) > 0) flags.plan_options.emplace_back(name);
}

void finish_run_flags(RunFlags& flags, const RawTexts& raw) {
  if (!raw.shard.empty()) flags.request.shard = shard_from(raw.shard);
  if (!raw.memory.empty()) flags.memory_bytes = bytes_from("--memory", raw.memory);
  if (!raw.swap.empty()) flags.swap_bytes = bytes_from("--swap", raw.swap);
  if (flags.swap_bytes >= 0 && flags.memory_bytes < 0)
    throw BadInput("--swap needs --memory: swap is allowed beyond a memory limit");
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

  auto* list = app.add_subcommand("list", "names of experiments, allocators or metrics");
  list->add_option("what", options.list_what, "experiments, allocators or metrics")
      ->check(CLI::IsMember({"experiments", "allocators", "metrics"}));
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
  claims->add_option("--profile", options.run.request.profile, "smoke, quick or full")
      ->transform(CLI::CheckedTransformer(kProfiles));
  claims->add_option("--out", options.run.out, "result folder");
  claims->add_flag("--markdown", options.markdown, "a table for documents");
  claims->add_flag("--quiet", options.run.quiet, "no progress");
  auto* doctor = app.add_subcommand("doctor", "what can be measured here, and what disturbs");
  for (auto* command : {list, describe, run, claims, doctor})
    command->add_flag("--json", options.json, "print JSON");

  try {
    app.parse(argc, argv);
    note_plan_options(*run, options.run);
    finish_run_flags(options.run, raw);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : 2;
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
