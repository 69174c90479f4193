// Progress on stderr: one rewritten line with an estimate on a terminal, a plain line now and then
// elsewhere (CI logs).
#pragma once

#include <chrono>
#include <string>

#include "harness/run/sweep.h"

namespace lab::cli {

// "12/40 runs, 0:09 left  first_touch under glibc"; `elapsed` is the time the finished runs took.
std::string progress_line(const SweepProgress& progress, std::chrono::duration<double> elapsed);

class Progress {
 public:
  explicit Progress(bool quiet);
  void operator()(const SweepProgress& progress);
  // Clears the line.
  void done();

 private:
  using Clock = std::chrono::steady_clock;
  const bool quiet_;
  const bool terminal_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point told_ = begin_;
};

}  // namespace lab::cli
