// A sweep: executes a plan into a result folder, or completes one that was interrupted. Connects the
// runner with the record; decides nothing about either.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>

#include "harness/record/journal.h"
#include "harness/record/manifest.h"
#include "harness/run/runner.h"

namespace lab {

// Told after every run, for progress.
struct SweepProgress {
  std::size_t finished = 0;
  std::size_t planned = 0;  // without search probes, whose number is not known
  const RunRecord* last = nullptr;
};

struct SweepOutcome {
  bool complete = false;
  std::map<Status, std::size_t> by_status;
  // Bad rows, alike ones together: who and how, with the first reason and how many.
  struct Problem {
    std::string first_reason;
    std::size_t runs = 0;
  };
  std::map<std::string, Problem> problems;

  bool all_ok() const;
};

class Sweep {
 public:
  using OnProgress = std::function<void(const SweepProgress&)>;

  // Requires a manifest already written to `folder`; `done` are its earlier runs.
  Sweep(std::filesystem::path folder, Manifest& manifest, const std::vector<Arm>& arms,
        std::string environment, const JournalContent& done);

  // Throws ResultLost when results can no longer be written.
  SweepOutcome execute(Runner& runner, const OnProgress& on_progress);

 private:
  std::vector<Job> jobs_of_block(int block);
  Job job_for(const Case& planned) const;
  bool execute_blocks(Runner& runner);
  bool execute_searches(Runner& runner);
  void store(FinishedRun&& finished);
  // Adds a row of this or an earlier invocation to the outcome.
  void count(const RunRecord& record);
  void note_version(const RunRecord& record);
  void store_series(const FinishedRun& finished);
  void supersede(const std::vector<const RunRecord*>& runs);

  const std::filesystem::path folder_;
  Manifest& manifest_;
  const std::vector<Arm>& arms_;
  const std::string environment_;
  const JournalContent& done_;
  Journal journal_;
  std::size_t next_run_;
  SweepProgress progress_;
  SweepOutcome outcome_;
  OnProgress on_progress_;
};

}  // namespace lab
