// What one invocation that measures needs: the programs beside this one, events, the host's facts,
// signals. Used by `run` and `claims`.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/options.h"
#include "harness/record/manifest.h"
#include "harness/run/sweep.h"

namespace lab::cli {

struct Session {
  Manifest manifest;
  std::filesystem::path folder;
  std::vector<Arm> arms;
  JournalContent done;
  FileDescriptor claim;  // on the folder, as long as the session lives
};

// Throws BadInput when an option names a CPU or a file that is not to be had here. Writes nothing.
void require_present(const RunFlags& flags);

// Makes a new result: plan, folder and first manifest.
Session begin_result(const Options& options, const std::string& name, Plan plan,
                     std::vector<Arm> arms);

// Executes the plan of a session, keeping its manifest up to date; Ctrl-C ends it with a valid result.
SweepOutcome execute(Session& session, const RunFlags& flags);

// Prints what went wrong and where the result is. Returns the exit code of `run`.
int conclude(const Session& session, const SweepOutcome& outcome, const RunFlags& flags, bool json);

}  // namespace lab::cli
