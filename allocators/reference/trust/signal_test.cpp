// A signal handler that does not allocate may interrupt any instruction of the allocator: threads
// work under a storm of timer signals, and all that their models check still holds.
#include <errno.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <thread>
#include <vector>

#include "random_operations.h"
#include "settings.h"
#include "subject.h"

namespace trust {
namespace {

constexpr suseconds_t kIntervalUs = 50;
constexpr std::uint64_t kMinSignals = 500;

std::atomic<std::uint64_t> signals_seen = 0;

// Uses stack and clobbers errno, as handlers do; a good one restores it.
void handle(int) {
  const int saved = errno;
  volatile char scratch[2048];
  for (std::size_t i = 0; i < sizeof scratch; i += 64) scratch[i] = static_cast<char>(i);
  errno = EAGAIN;
  ++signals_seen;
  errno = saved;
}

// A timer that interrupts whichever thread runs, for as long as it lives.
class Storm {
 public:
  Storm() {
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, &before_);
    set_interval(kIntervalUs);
  }
  ~Storm() {
    set_interval(0);
    sigaction(SIGPROF, &before_, nullptr);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

 private:
  static void set_interval(suseconds_t microseconds) {
    const itimerval interval = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_PROF, &interval, nullptr);
  }
  struct sigaction before_ = {};
};

void work(std::uint64_t seed, std::uint64_t operations) {
  RandomOperations source(seed);
  Model model(300, Model::Failure::forbidden);
  for (std::uint64_t done = 0; done < operations; ++done) model.apply(source.next());
  model.clear();
}

TEST(Signals, a_storm_of_timer_signals_disturbs_nothing) {
  const std::uint64_t seed = announced_seed(1);
  const std::uint64_t operations = setting("TRUST_OPERATIONS", 1'000'000) / 50;
  signals_seen = 0;
  // Sets the allocator up before there are threads, as pthread_create does where malloc is ours.
  subject::deallocate(subject::allocate(1));
  const Storm storm;
  for (std::uint64_t round = 0; signals_seen < kMinSignals; ++round) {
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 3; ++i)
      threads.emplace_back(work, seed + 3 * round + i, operations);
    for (std::thread& thread : threads) thread.join();
  }
  subject::require_equations();
}

}  // namespace
}  // namespace trust
