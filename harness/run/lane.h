// A place where one run at a time happens: its shared pages and its cgroup, made once and reused.
#pragma once

#include <memory>

#include "harness/run/active_run.h"

namespace lab {

struct Lane {
  explicit Lane(int number) : cgroup(number) {}

  SharedSlot slot;
  RunCgroup cgroup;
  std::unique_ptr<ActiveRun> run;
};

}  // namespace lab
