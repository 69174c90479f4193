// Question:  how does the stack grow, and where does it end?
// Method:    descend to a depth and come back, twice; then a helper process descends beyond the
//            limit.
// Ideal:     the first descent faults at most once per page of depth; the second costs nothing.
// Watch:     what the stack once took stays resident, and the first part was taken before the
//            body ran: the size in VSZ is the depth reached, not the limit.
#include <sys/resource.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/helper_process.h"

namespace lab {
namespace {

constexpr std::int64_t kFrameBytes = 4096;

// Descends at least `bytes` below the caller and writes to every page on the way.
[[gnu::noinline]] void descend(std::int64_t bytes) {
  volatile unsigned char frame[kFrameBytes];
  frame[0] = 1;
  frame[kFrameBytes - 1] = 1;
  if (bytes > kFrameBytes) descend(bytes - kFrameBytes);
  static_cast<void>(frame[0]);  // keeps the frame alive: no tail call
}

void descend_beyond(int, void* limit_bytes) {
  descend(*static_cast<std::int64_t*>(limit_bytes) + (1 << 20));
}

void run(Context& lab) {
  const std::int64_t bytes = lab.param("depth_bytes");
  rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  const bool limited = limit.rlim_cur != RLIM_INFINITY;
  auto* limit_bytes = lab.scratch_array<std::int64_t>(1);
  *limit_bytes = limited ? static_cast<std::int64_t>(limit.rlim_cur) : 0;
  if (limited && bytes > *limit_bytes - (256 << 10)) lab.skip("the stack limit is below the depth");

  lab.mark("descend");
  descend(bytes);
  lab.observe("stack_limit_bytes", *limit_bytes);
  lab.mark("descend_again");
  descend(bytes);
  lab.mark("beyond");
  if (limited) {
    HelperProcess helper(lab, descend_beyond, limit_bytes);
    helper.step(1);
    lab.observe("helper_signal_number", helper.finish());
  }
}

constexpr Description stack_depth{
    .name = "stack_depth",
    .family = "kernel",
    .question = "How does the stack grow, and where does it end?",
    .method = "Descend to a depth twice; then a helper process descends beyond the limit.",
    .params = {{"depth_bytes", "byte", "depth of the descent", "256KiB", "256KiB 1MiB 7MiB",
                "256KiB 1MiB 2MiB 4MiB 6MiB 7MiB"}},
    .phases = {"descend", "descend_again", "beyond"},
    .metrics = {observed("stack_limit_bytes", "byte", "RLIMIT_STACK; 0 when there is none"),
                observed("helper_signal_number", "count",
                         "signal that ended the descent beyond the limit")},
    .ideals = {{"descend_again", "minor_faults_count", nothing, kExact}},
    .plots = {view("The stack's address space grows with the depth reached", "stack_bytes",
                   In("descend"), Over("depth_bytes"), kSinceStart),
              view("Only the first descent faults", "minor_faults_count", Panels("depth_bytes"))},
    .claims = {"stack-8m"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(stack_depth);

}  // namespace
}  // namespace lab
