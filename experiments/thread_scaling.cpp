// Question: do threads slow each other down in malloc and free, beyond what the machine does?
// Method:   rounds of four phases: the same loop by one thread and by all, without and with the
//           allocator. Each thread replaces blocks of its own set (local) or of the set that its
//           neighbour replaced last (remote). Each round gives one paired sample.
// Ideal:    together takes as long as alone, times what the control lost.
// Watch:    judge only when all rounds agree: two virtual CPUs are not two CPUs.
#include "experiments/workload/contention.h"
#include "experiments/workload/replace_loop.h"

namespace lab {
namespace {

constexpr std::size_t kSlots = 8192;  // of each thread
constexpr int kRounds = 7;

struct Sets {
  ReplaceLoop loop;
  BlockSource source;
};

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const bool remote = lab.is("pattern", "remote");
  const std::int64_t passes = lab.param("passes");
  const std::size_t slots = static_cast<std::size_t>(threads) * kSlots;
  auto* places = static_cast<char*>(lab.scratch(slots * ReplaceLoop::kLargestBytes));
  Sets control{ReplaceLoop(lab, slots), BlockSource(places, ReplaceLoop::kLargestBytes)};
  Sets allocator{ReplaceLoop(lab, slots), BlockSource(nullptr, 0)};
  Workers workers(lab, threads);
  ThreadTeam team(threads);
  // A pass replaces as many blocks as a set has; when remote, the sets then move on by one thread.
  const auto work = [&](Sets& sets, bool together) {
    for (std::int64_t turn = 0; turn < (remote ? passes : 1); ++turn) {
      const auto replace = [&](int index) {
        const auto set = static_cast<std::size_t>((index + turn) % threads);
        const auto times = static_cast<std::int64_t>(kSlots) * (remote ? 1 : passes);
        sets.loop.run(workers[index], sets.source, set * kSlots, kSlots, times);
      };
      if (together) team.run(replace);
      else team.run_on(0, replace);
    }
    workers.report(lab, sets.source);
  };
  work(control, true);
  work(allocator, true);

  for (int round = 0; round < kRounds; ++round) {
    lab.mark("control_alone");
    work(control, false);
    lab.mark("control_together");
    work(control, true);
    lab.mark("alone");
    work(allocator, false);
    lab.mark("together");
    work(allocator, true);
  }
  lab.mark("end");
}

std::int64_t replaced_together(const Point& point, std::int64_t) {
  return static_cast<std::int64_t>(kSlots) * point.number("passes") * point.number("threads");
}

constexpr Description thread_scaling{
    .name = "thread_scaling",
    .family = "contention",
    .question =
        "Do threads slow each other down in malloc and free, beyond what the machine does "
        "anyway?",
    .method =
        "Rounds of the same loop by one thread and by all, without and with the allocator; "
        "each round gives one paired sample.",
    .params = {{"threads", "count", "threads that work together", "2", "2", "2 4"},
               {"pattern", "token", "whose blocks a thread replaces", "local remote"},
               {"passes", "count", "times that a thread replaces a set in a phase", "1", "16",
                "128"}},
    .phases = {"control_alone", "control_together", "alone", "together"},
    .ideals = {{"control_together", "allocations_count", nothing, kExact},
               {"alone", "allocations_count", param<"passes", kSlots>, kExact},
               {"together", "allocations_count", replaced_together, kExact}},
    .plots = {view(
        "Alone and together: a flat line loses with company no more than the control does",
        "wall_ns", Panels("pattern"), RelativeTo("phase=control_*"))},
    .table = view("Time of all threads together", "wall_ns", In("together"), Over("pattern")),
    .claims = {"glibc-slow-threads"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thread_scaling);

}  // namespace
}  // namespace lab
