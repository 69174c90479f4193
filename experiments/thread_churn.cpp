// Question: does an allocator scale when threads allocate and free on their own?
// Method:   every thread replaces random blocks of its own set, the same number of times whatever
//           the number of threads; no block changes hands.
// Ideal:    the time stays what the control takes: flat up to the number of CPUs.
// Watch:    two virtual CPUs are not two CPUs: compare with workload=control, never with twice one.
#include "experiments/workload/contention.h"
#include "experiments/workload/replace_loop.h"

namespace lab {
namespace {

constexpr std::size_t kSlots = 256;

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t operations = lab.param("operations");
  const std::size_t slots = static_cast<std::size_t>(threads) * kSlots;
  const BlockSource source(lab, slots, ReplaceLoop::kLargestBytes);
  ReplaceLoop loop(lab, slots);
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  const auto work = [&](std::int64_t times) {
    team.run([&](int index) {
      loop.run(workers[index], source, static_cast<std::size_t>(index) * kSlots, kSlots, times);
    });
    workers.report(lab, source);
  };

  lab.mark("warm");
  work(operations / 16);
  lab.mark("work");
  work(operations);
  lab.mark("end");
}

template <std::int64_t divisor>
std::int64_t replaced(const Point& point, std::int64_t) {
  return unless_control(point, point.number("threads") * (point.number("operations") / divisor));
}

constexpr Description thread_churn{
    .name = "thread_churn",
    .family = "contention",
    .question = "Does an allocator scale when threads allocate and free on their own?",
    .method =
        "Every thread replaces random blocks of its own set, the same number of times whatever "
        "the number of threads.",
    .params = {kThreadsParam,
               kWorkloadParam,
               {"operations", "count", "blocks each thread replaces", "2000", "1000000",
                "8000000"}},
    .phases = {"warm", "work"},
    .ideals = {{"warm", "allocations_count", replaced<16>, kExact},
               {"work", "allocations_count", replaced<1>, kExact}},
    .plots = {against_control(
                  "Time for the same work per thread: a flat line scales as the machine does",
                  "work"),
              view("Waiting for locks shows as context switches", "context_switches_count",
                   In("work"), Over("threads"), Panels("workload"))},
    .claims = {"glibc-slow-threads"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thread_churn);

}  // namespace
}  // namespace lab
