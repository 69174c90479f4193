// The command line as data. CLI11 parses; nothing here runs anything.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/manifest.h"
#include "harness/run/request.h"

namespace lab::cli {

enum class Command { list, describe, run, claims, doctor };

struct RunFlags {
  RunRequest request;
  std::string out;
  std::string resume;
  std::string extend;
  int extend_blocks = 0;
  std::string reason;  // why an extension was asked for
  std::string image_facts;  // a JSON file of facts to record with the environment
  Execution execution;
  bool timeout_given = false;
  bool strict = false;
  bool quiet = false;
  std::vector<std::string> plan_options;  // names of given options that a continued result refuses
};

struct Options {
  Command command = Command::list;
  std::string list_what = "experiments";
  std::vector<std::string> names;  // describe, claims
  RunFlags run;
  bool json = false;
  bool markdown = false;
  std::vector<std::string> command_line;
};

// Returns the options, or the exit code when help was asked for (0) or the input is bad (2); the
// message has been printed then.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse(int argc, char** argv);

}  // namespace lab::cli
