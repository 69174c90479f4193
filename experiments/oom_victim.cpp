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

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("limit_bytes"),
          .memory_limit_bytes = point.number("limit_bytes"),
          .swap_limit_bytes = 0,
          .cgroup_snapshot = true};
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

constexpr Param kParams[] = {
    {"limit_bytes", "byte", "memory limit of the group", "64MiB", "128MiB"},
    {"grows", "token", "which helper asks for more", "small large"},
};
constexpr std::string_view kPhases[] = {"hold", "grow"};
constexpr Metric kMetrics[] = {
    observed("large_signal_number", "count", "signal that ended the larger helper, 0 for none"),
    observed("small_signal_number", "count", "signal that ended the smaller helper, 0 for none"),
};
constexpr Ideal kIdeals[] = {
    {"grow", "large_signal_number", exactly<9>, kExact},
    {"grow", "small_signal_number", nothing, kExact},
};
constexpr View kPlots[] = {
    {.title = "Signal that ended the larger process",
     .metric = "large_signal_number",
     .phase = "grow",
     .x = "grows"},
    {.title = "Signal that ended the smaller process",
     .metric = "small_signal_number",
     .phase = "grow",
     .x = "grows"},
};
constexpr std::string_view kClaims[] = {"oom-victim"};

constexpr Experiment oom_victim{
    .name = "oom_victim",
    .family = "limits",
    .question = "Whom does the kernel kill when a group of processes runs out of memory?",
    .method = "Two helpers in one limited cgroup, one large, one small; one of them grows.",
    .params = kParams,
    .phases = kPhases,
    .metrics = kMetrics,
    .ideals = kIdeals,
    .plots = kPlots,
    .table = {.title = "Signal that ended the larger process",
              .metric = "large_signal_number",
              .phase = "grow",
              .x = "grows"},
    .claims = kClaims,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(oom_victim);

}  // namespace
}  // namespace lab
