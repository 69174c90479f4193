// alloclab: the table of contents. Every command is a file of its own beside this one.
#include <cstdio>
#include <exception>

#include "harness/cli/claims_command.h"
#include "harness/cli/describe_command.h"
#include "harness/cli/doctor.h"
#include "harness/cli/list_command.h"
#include "harness/cli/options.h"
#include "harness/cli/run_command.h"
#include "harness/record/bad_input.h"

namespace {

using namespace lab;
using namespace lab::cli;

int execute(const Options& options) {
  switch (options.command) {
    case Command::list: return list(options.list_what, options.json);
    case Command::describe: return describe(options.names, options.json);
    case Command::run: return run(options);
    case Command::claims: return claims(options);
    case Command::doctor: return doctor(options.json);
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto parsed = parse(argc, argv);
    return parsed.exit_code ? *parsed.exit_code : execute(parsed.options);
  } catch (const BadInput& error) {
    std::fprintf(stderr, "alloclab: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "alloclab: %s\n", error.what());
    return 1;
  }
}
