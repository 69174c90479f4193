// Claims about how an allocator scales with threads: judged by CPU time, pair by pair.
#include <map>

#include "harness/claim/catalogue/paired.h"

namespace lab::claims {
namespace {

constexpr double kSlow = 1.5;
constexpr double kBetter = 1.2;

// How much more CPU time the same work takes in all threads together than in one alone, relative to
// the control: the middle of the run's rounds. Waiting for a contended lock shows too: each wait is a
// system call. CPU time rather than wall time: other programs must not decide.
double loss(const RunView& run) {
  std::vector<double> rounds;
  for (int round = 0; round < run.occurrences("together"); ++round) {
    const auto ns = [&](std::string_view phase) {
      return static_cast<double>(std::max<std::int64_t>(value_in(run, phase, "cpu_ns", round), 1));
    };
    rounds.push_back(ns("together") / ns("alone") / (ns("control_together") / ns("control_alone")));
  }
  if (rounds.empty()) throw Missing{Verdict::not_testable, "no round was measured"};
  return middle_of(std::move(rounds));
}

// CPU time of handing every block to another thread, or of the control.
double hand_over_ns(const RunView& run) {
  return static_cast<double>(std::max<std::int64_t>(value_in(run, "work", "cpu_ns"), 1));
}

Finding threads_slow_each_other_down(const Runs& runs) {
  const auto losses = per_block(runs.all(""), loss);
  const auto side = side_of(losses, kSlow);
  const std::string measured = "CPU time times " + range_of(losses) + " in " +
                               std::to_string(losses.size()) + " blocks";
  if (side == Side::both) throw Missing{Verdict::not_testable, "too noisy: " + measured};
  return expect(side == Side::above, measured,
                "above " + factor(kSlow) + " beyond the control, in every block",
                "threads work in caches and heaps of their own");
}

using RunList = std::vector<const RunView*>;

// The runs of the judged allocator, which come first, and those of each allocator beside it.
struct Compared {
  RunList own;
  std::map<std::string_view, RunList> others;
};

Compared compared(const RunList& runs) {
  if (runs.empty()) throw Missing{Verdict::not_testable, "nothing was measured"};
  Compared found;
  for (const RunView* run : runs)
    (run->allocator() == runs.front()->allocator() ? found.own : found.others[run->allocator()])
        .push_back(run);
  std::erase_if(found.others, [](const auto& entry) {
    return std::none_of(entry.second.begin(), entry.second.end(),
                        [](const RunView* run) { return run->ok(); });
  });
  if (found.others.empty())
    throw Missing{Verdict::not_testable, "none of the allocators it is compared with is here"};
  return found;
}

// The others are better when in every block the judged one's number is above theirs by the margin.
template <class NumberOf>
Finding others_are_better(const RunList& runs, NumberOf number_of, std::string_view what) {
  const auto [own, others] = compared(runs);
  std::string measured;
  bool one_is_not = false, all_are = true;
  for (const auto& [name, their_runs] : others) {
    const auto ratios = ratio(per_block(own, number_of), per_block(their_runs, number_of));
    const auto side = side_of(ratios, kBetter);
    one_is_not |= side == Side::below;
    all_are &= side == Side::above;
    measured += (measured.empty() ? "" : ", ") + range_of(ratios) + " times that of " +
                std::string(name);
  }
  measured = std::string(what) + " " + measured + " in each block";
  if (!all_are && !one_is_not) throw Missing{Verdict::not_testable, "too noisy: " + measured};
  return expect(all_are, measured, "above " + factor(kBetter) + " of each, in every block",
                "for this work it scales as well as they do");
}

Finding others_scale_better(const Runs& runs) {
  return others_are_better(runs.all(""), loss, "loss beyond the control");
}

// Relative to the control of the same block: the middle of the controls beside all allocators.
Finding others_hand_over_better(const Runs& runs) {
  const auto control = per_block(runs.all("workload=control"), hand_over_ns);
  const auto relative = [&](const RunView& run) {
    const auto found = control.find(run.block());
    if (found == control.end()) throw Missing{Verdict::not_testable, "a block has no control"};
    return hand_over_ns(run) / found->second;
  };
  return others_are_better(runs.all("workload=allocate"), relative, "CPU time over the control's");
}

constexpr std::string_view kSlowTolerance = "factor 1.5 in every one of at least six blocks";
constexpr std::string_view kBetterTolerance = "factor 1.2 in every one of at least six blocks";
constexpr std::string_view kBeside = "tcmalloc jemalloc";
constexpr std::string_view kHandedOver =
    "threads=2 remote_percent=100 blocks=100000 workload=allocate,control";
constexpr Predicate kGlibcSlowThreads[] = {
    {"local", "threads that allocate and free on their own slow each other down", "thread_scaling",
     "pattern=local threads=2", kSlowTolerance, judged<threads_slow_each_other_down>, "", true},
    {"remote", "threads that free each other's blocks slow each other down", "thread_scaling",
     "pattern=remote threads=2", kSlowTolerance, judged<threads_slow_each_other_down>, "", true},
    {"others_local", "tcmalloc and jemalloc lose less when threads work on their own",
     "thread_scaling", "pattern=local threads=2", kBetterTolerance, judged<others_scale_better>,
     kBeside, true},
    {"others_remote", "tcmalloc and jemalloc lose less when threads free each other's blocks",
     "thread_scaling", "pattern=remote threads=2", kBetterTolerance, judged<others_scale_better>,
     kBeside, true},
    {"others_handed_over", "tcmalloc and jemalloc need less time for blocks that a consumer frees",
     "producer_consumer", kHandedOver, kBetterTolerance, judged<others_hand_over_better>, kBeside,
     true},
};
constexpr Claim glibc_slow_threads{
    "glibc-slow-threads",
    "threads",
    "glibc malloc is slow under concurrency; tcmalloc and jemalloc scale better.",
    "the notes",
    "any",
    "glibc",
    kGlibcSlowThreads};
LAB_REGISTER_CLAIM(glibc_slow_threads);

}  // namespace
}  // namespace lab::claims
