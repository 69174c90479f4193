// Every experiment under the counting shim: the allocator calls it declares are those that happen.
// A compiler that deletes an allocation, or a body that forgets one, fails here.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "harness/contract/experiment.h"
#include "harness/run/file_origin.h"

namespace lab {
namespace {

constexpr int kSkipped = 77;

// Bodies whose workload is to create threads: libc allocates a table for each new thread, at most
// that many times, and may free it later.
struct ThreadTables {
  std::string_view experiment;
  std::int64_t most_count;
};
constexpr ThreadTables kThreadTables[] = {
    {"address_space", 1}, {"idle_threads", 4}, {"server_threads", 2}, {"thread_generations", 4}};

std::int64_t thread_tables_of(std::string_view experiment) {
  for (const ThreadTables& tables : kThreadTables)
    if (tables.experiment == experiment) return tables.most_count;
  return 0;
}

std::vector<const Experiment*> all_experiments() {
  std::vector<const Experiment*> found;
  for (auto* entry = Registration<Experiment>::first(); entry != nullptr; entry = entry->next())
    found.push_back(&entry->item());
  return found;
}

std::string run_counted(std::string_view experiment, int& exit_code) {
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  return output_of({"env", "LD_PRELOAD=" + (folder / "liballoclab_count.so").string(),
                    (folder / "alloclab-counted").string(), std::string(experiment)},
                   exit_code);
}

class CountedExperiment : public testing::TestWithParam<const Experiment*> {};

TEST_P(CountedExperiment, declares_the_calls_it_makes) {
  int exit_code = 0;
  const std::string text = run_counted(GetParam()->name, exit_code);
  if (exit_code == kSkipped) GTEST_SKIP() << text;
  ASSERT_EQ(exit_code, 0) << text;

  std::istringstream words(text);
  std::string declared, seen;
  std::int64_t declared_allocations, declared_frees, seen_allocations, seen_frees;
  words >> declared >> declared_allocations >> declared_frees >> seen >> seen_allocations >>
      seen_frees;
  ASSERT_TRUE(words) << text;
  const std::int64_t tables = thread_tables_of(GetParam()->name);
  EXPECT_GE(seen_allocations, declared_allocations);
  EXPECT_LE(seen_allocations, declared_allocations + tables);
  EXPECT_GE(seen_frees, declared_frees);
  EXPECT_LE(seen_frees, declared_frees + tables);
}

INSTANTIATE_TEST_SUITE_P(Every, CountedExperiment, testing::ValuesIn(all_experiments()),
                         [](const auto& instance) { return std::string(instance.param->name); });

TEST(CountedRun, an_unknown_experiment_is_refused) {
  int exit_code = 0;
  run_counted("no_such_experiment", exit_code);
  EXPECT_EQ(exit_code, 2);
}

}  // namespace
}  // namespace lab
