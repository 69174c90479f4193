// Question:  whom does the kernel kill when a group of processes runs out of memory?
// Method:    two helper processes in one limited cgroup; one holds much, the other little; the
//            one named by the case writes on until something dies.
// Ideal:     the larger one dies, whoever asked last.
// Watch:     the body itself is in the group: it holds less than either helper.
#include "experiments/workload/describe.h"
#include "experiments/workload/helper_process.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kPageBytes = 4096;

struct Work {
  unsigned char* memory;
  std::size_t held_bytes;
  std::size_t beyond_bytes;  // written from there on in the second step
};

enum Step { kHold = 1, kGrow = 2 };

void helper_step(int step, void* argument) {
  const auto* work = static_cast<const Work*>(argument);
  if (step == kHold) write_range(work->memory, work->held_bytes, kPageBytes);
  if (step == kGrow) write_range(work->memory + work->held_bytes, work->beyond_bytes, kPageBytes);
}

void run(Context& lab) {
  const auto limit = static_cast<std::size_t>(lab.param("limit_bytes"));
  const bool small_grows = lab.is("grows", "small");
  // 60 % and 20 % are held; growing by 30 % breaks the limit and leaves the small one smaller.
  Work large{nullptr, limit * 60 / 100, limit * 30 / 100};
  Work small{nullptr, limit * 20 / 100, limit * 30 / 100};
  for (Work* work : {&large, &small}) {
    work->memory = map_memory(lab, work->held_bytes + work->beyond_bytes);
    advise(work->memory, work->held_bytes + work->beyond_bytes, MADV_NOHUGEPAGE);
  }

  lab.mark("hold");
  HelperProcess large_helper(lab, helper_step, &large);
  HelperProcess small_helper(lab, helper_step, &small);
  if (!large_helper.step(kHold) || !small_helper.step(kHold)) lab.fail("a helper died too early");
  lab.mark("grow");
  (small_grows ? small_helper : large_helper).step(kGrow);
  lab.observe("large_signal_number", large_helper.finish());
  lab.observe("small_signal_number", small_helper.finish());
}

constexpr Description oom_victim{
    .name = "oom_victim",
    .family = "limits",
    .question = "Whom does the kernel kill when a group of processes runs out of memory?",
    .method = "Two helpers in one limited cgroup, one large, one small; one of them grows.",
    .params = {{"limit_bytes", "byte", "memory limit of the group", "64MiB", "128MiB"},
               {"grows", "token", "which helper asks for more", "small large"}},
    .phases = {"hold", "grow"},
    .metrics = {observed("large_signal_number", "count",
                         "signal that ended the larger helper, 0 for none"),
                observed("small_signal_number", "count",
                         "signal that ended the smaller helper, 0 for none")},
    .ideals = {{"grow", "large_signal_number", exactly<9>, kExact},
               {"grow", "small_signal_number", nothing, kExact}},
    .plots = {view("The larger process is killed (signal 9), whichever of the two asks for more",
                   "large_signal_number", In("grow"), Over("grows")),
              view("The smaller process survives (no signal)", "small_signal_number", In("grow"),
                   Over("grows"))},
    .claims = {"oom-victim"},
    .needs = limited_to<"limit_bytes">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(oom_victim);

}  // namespace
}  // namespace lab
