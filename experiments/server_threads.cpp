// Question: does an allocator cope with a server whose objects outlive the threads that made them?
// Method:   Larson and Krishnan's server: each round starts new threads; each takes over the
//           objects that another thread of the round before left, replaces them at random and ends.
// Ideal:    the time of the control: creating the threads, and the loop without an allocator.
// Watch:    libc allocates storage for each new thread; those requests are not the body's.
#include "experiments/workload/contention.h"
#include "experiments/workload/replace_loop.h"

namespace lab {
namespace {

constexpr std::size_t kObjects = 1000;  // of one thread
constexpr std::int64_t kRounds = 10;

void run(Context& lab) {
  const int threads = static_cast<int>(lab.param("threads"));
  const std::int64_t replacements = lab.param("replacements") / kRounds;
  const std::size_t slots = static_cast<std::size_t>(threads) * kObjects;
  const BlockSource source(lab, slots, ReplaceLoop::kLargestBytes);
  ReplaceLoop loop(lab, slots);
  Workers workers(lab, threads);
  const auto serve = [&](std::int64_t round) {
    run_in_new_threads(threads, [&](int index) {
      const auto heir = static_cast<std::size_t>((index + round) % threads);
      loop.run(workers[index], source, heir * kObjects, kObjects, replacements);
    });
    workers.report(lab, source);
  };

  lab.mark("warm");
  serve(0);
  lab.mark("serve");
  for (std::int64_t round = 1; round < kRounds; ++round) serve(round);
}

template <std::int64_t rounds>
std::int64_t replaced(const Point& point, std::int64_t) {
  const std::int64_t in_round = point.number("replacements") / kRounds;
  return unless_control(point, rounds * point.number("threads") * in_round);
}

constexpr Description server_threads{
    .name = "server_threads",
    .family = "contention",
    .question =
        "Does an allocator cope with a server whose objects outlive the threads that made "
        "them?",
    .method =
        "Each round starts new threads that take over and replace the objects another thread "
        "left, then end (Larson and Krishnan 1998).",
    .params = {kThreadsParam,
               kWorkloadParam,
               {"replacements", "count", "objects replaced by each thread, over ten rounds", "5000",
                "500000", "4000000"}},
    .phases = {"warm", "serve"},
    .ideals = {{"warm", "allocations_count", replaced<1>, kExact},
               {"serve", "allocations_count", replaced<kRounds - 1>, kExact}},
    .plots = {against_control(
                  "Objects pass from thread to thread: a flat line scales as the machine does",
                  "serve"),
              view("What the server holds resident at the end of its rounds", "rss_anon_bytes",
                   In("serve"), Over("threads"), Where("workload=allocate"), kSinceStart)},
    .claims = {"glibc-slow-threads"},
    .threads_limit = 256,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(server_threads);

}  // namespace
}  // namespace lab
