// The OS refuses: for one kind of call or all, once or from then on, at the n-th call of a fixed
// workload, for every n. What fails must say so, all blocks stay whole, the statistics stay exact,
// and the allocator works again afterwards. Every n runs in a process of its own, from the first
// call on.
#include <errno.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>

#include "fake_os.h"
#include "model.h"
#include "os.h"
#include "random_operations.h"
#include "require.h"
#include "subject.h"

namespace trust {
namespace {

using reference::os;
using reference::OsCalls;

enum class Call { any, map, unmap, protect, advise, remap, move_break };
constexpr const char* kCallNames[] = {"any",     "mmap",   "munmap", "mprotect",
                                      "madvise", "mremap", "brk"};

struct Fault {
  Call call;
  bool for_good;
};

// For test names.
void PrintTo(const Fault& printed, std::ostream* out) {
  *out << kCallNames[static_cast<int>(printed.call)] << (printed.for_good ? " for good" : " once");
}

// Set in the child only.
Fault fault;
std::uint64_t calls_left = 0;  // until the first that fails; 0: none does
std::uint64_t calls_seen = 0;
std::uint64_t calls_refused = 0;
OsCalls below;

bool is_refused(Call call) {
  if (fault.call != Call::any && fault.call != call) return false;
  ++calls_seen;
  if (calls_left == 0 || --calls_left != 0) return false;
  if (fault.for_good) calls_left = 1;
  ++calls_refused;
  errno = ENOMEM;
  return true;
}

void* map(void* hint, std::size_t bytes, int protection) {
  return is_refused(Call::map) ? MAP_FAILED : below.map(hint, bytes, protection);
}
int unmap(void* start, std::size_t bytes) {
  return is_refused(Call::unmap) ? -1 : below.unmap(start, bytes);
}
int protect(void* start, std::size_t bytes, int protection) {
  return is_refused(Call::protect) ? -1 : below.protect(start, bytes, protection);
}
int advise(void* start, std::size_t bytes, int advice) {
  return is_refused(Call::advise) ? -1 : below.advise(start, bytes, advice);
}
void* remap(void* old, std::size_t old_bytes, std::size_t new_bytes, void* target) {
  return is_refused(Call::remap) ? MAP_FAILED : below.remap(old, old_bytes, new_bytes, target);
}
void* move_break(std::intptr_t bytes) {
  return bytes != 0 && is_refused(Call::move_break) ? reinterpret_cast<void*>(-1)
                                                    : below.move_break(bytes);
}

void install(Fault wanted, std::uint64_t n) {
  below = os;
  fault = wanted;
  calls_left = n;
  os = {map, unmap, protect, advise, remap, move_break, below.now_ms};
}

// Slabs, spans and direct blocks come, grow, shrink and go, with everything given back in between.
void run_workload(Model& model) {
  RandomOperations operations(2);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 12; ++i) {
      model.apply({Kind::allocate, i, 100 + 3000 * i, 1});
      model.apply({Kind::allocate, 20 + i, 70'000 + 170'000 * i, 1});
      model.apply({Kind::reallocate, 20 + i, 900'000, 1});
      model.apply({Kind::pass_time, 0, 700, 1});
    }
    model.apply({Kind::allocate_aligned, 40, 3'000'000, 8 << 20});
    model.apply({Kind::allocate_zeroed, 41, 7 * 900'000, 1});
    for (const std::size_t megabytes : {3, 9, 40, 6, 1})
      model.apply({Kind::reallocate, 42, megabytes << 20, 1});
    for (int i = 0; i < 150; ++i) model.apply(operations.next());
    for (std::size_t i = 0; i < 30; ++i) model.apply({Kind::deallocate, i, 0, 1});
    model.apply({Kind::trim, 0, 0, 1});
    model.check_all();
  }
}

void require_recovery(Model& model) {
  calls_left = 0;
  const std::size_t failures = model.failures();
  run_workload(model);
  require(model.failures() == failures, "memory is refused although the OS has some again");
  model.clear();
  subject::require_equations();
}

struct Outcome {
  std::uint64_t calls_seen, calls_refused, failures;
};

// What one child does: the workload with the n-th call refused, then without.
Outcome run_with_fault(Fault wanted, std::uint64_t n) {
  std::snprintf(repeat_hint, sizeof repeat_hint,
                "%s call %llu refused%s: ", kCallNames[static_cast<int>(wanted.call)],
                static_cast<unsigned long long>(n), wanted.for_good ? " for good" : "");
  if (wanted.call == Call::move_break) setenv("ALLOCLAB_SOURCE", "brk", 1);
  install(wanted, n);
  Model model(60, Model::Failure::allowed);
  run_workload(model);
  const Outcome outcome = {calls_seen, calls_refused, model.failures()};
  subject::require_equations();
  require_recovery(model);
  return outcome;
}

// Returns false when the child found something; it has said what.
bool run_in_child(Fault wanted, std::uint64_t n, Outcome& outcome) {
  int channel[2];
  if (pipe(channel) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const Outcome seen = run_with_fault(wanted, n);
    _exit(write(channel[1], &seen, sizeof seen) == sizeof seen ? 0 : 1);
  }
  close(channel[1]);
  const bool is_told = read(channel[0], &outcome, sizeof outcome) == sizeof outcome;
  close(channel[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return is_told && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class Inject : public testing::TestWithParam<Fault> {};

TEST_P(Inject, every_call_that_is_refused_loses_nothing) {
  Outcome outcome{};
  ASSERT_TRUE(run_in_child(GetParam(), 0, outcome)) << "without any fault";
  const std::uint64_t calls = outcome.calls_seen;
  if (calls == 0) GTEST_SKIP() << "under these knobs nothing makes such a call";
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1; n <= calls; ++n) {
    ASSERT_TRUE(run_in_child(GetParam(), n, outcome)) << "call " << n << " of " << calls;
    ASSERT_GT(outcome.calls_refused, 0u);
    failures += outcome.failures;
  }
  RecordProperty("calls", static_cast<int>(calls));
  RecordProperty("failures", static_cast<int>(failures));
  std::printf("%llu calls, each refused; %llu allocations failed\n",
              static_cast<unsigned long long>(calls), static_cast<unsigned long long>(failures));
  if (GetParam().for_good && (GetParam().call == Call::any || GetParam().call == Call::map)) {
    EXPECT_GT(failures, 0u) << "the workload needs the OS";
  }
}

std::string name_of(const testing::TestParamInfo<Fault>& info) {
  return std::string(kCallNames[static_cast<int>(info.param.call)]) +
         (info.param.for_good ? "_for_good" : "_once");
}

constexpr Fault kFaults[] = {
    {Call::any, false},    {Call::any, true},    {Call::map, true},   {Call::unmap, true},
    {Call::protect, true}, {Call::advise, true}, {Call::remap, true}, {Call::move_break, true},
};
INSTANTIATE_TEST_SUITE_P(Os, Inject, testing::ValuesIn(kFaults), name_of);

}  // namespace
}  // namespace trust
