// A forked process that works step by step at the body's command and stands still in between, so
// that marks find it parked. It dies with the run. Helpers never return into the body.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "harness/contract/context.h"

namespace lab {

class HelperProcess {
 public:
  // What the helper does: `step` is what the body asked for, `memory` what it was started with.
  using Work = void (*)(int step, void* memory);

  // Forks. Whatever the helper needs must exist before.
  HelperProcess(Context& lab, Work work, void* memory);
  // Kills and reaps it if that has not happened.
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  // Lets the helper do one step and waits until it is parked again.
  // Returns false when it died instead.
  bool step(int number);
  // Minor faults that the helper took in its last step.
  std::int64_t step_minor_faults() const;
  // Lets it go and reaps it. Returns the signal that ended it, 0 when it left by itself.
  int finish();

 private:
  struct Shared;
  Shared* shared_;
  int commands_;
  int answers_;
  pid_t pid_;
};

}  // namespace lab
