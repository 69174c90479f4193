// Progress on stderr: one rewritten line with an estimate on a terminal, a plain line now and then
// elsewhere (CI logs).
#pragma once

#include <chrono>

#include "harness/run/sweep.h"

namespace lab::cli {

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
