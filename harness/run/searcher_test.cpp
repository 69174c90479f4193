#include "harness/run/searcher.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace lab {
namespace {

constexpr std::string_view kPhases[] = {"only"};
constexpr Experiment kPlain{.name = "plain",
                            .family = "test",
                            .question = "?",
                            .method = "",
                            .phases = kPhases,
                            .run = nullptr};
constexpr Allocator kLibc{.name = "glibc", .summary = ""};
constexpr Search kEdge{
    .name = "edge", .param = "n", .low = 0, .high = 16, .step = 1, .holds = [](const RunView& run) {
      return *number_from(run.param("n")) >= 5;
    }};

PlannedSearch planned(std::int64_t low, std::int64_t high, std::int64_t step) {
  return {"plain", "edge", "n", low, high, step, {}};
}

std::string program(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

// The values that were probed, in order, under a child that behaves.
std::vector<std::string> probes_of(const PlannedSearch& search, const char* behaviour = "behaves",
                                   const Search& definition = kEdge) {
  RunSettings settings;
  settings.launcher = program("alloclab-launch");
  settings.child = program("bad_child");
  const std::atomic<bool> interrupted{false};
  Runner runner(settings, nullptr, interrupted);
  const Arm arm{"glibc", &kLibc, find_library(kLibc)};
  const Case case_of_bad_child{"s0", behaviour, "glibc", "glibc", {}, {}};
  Job job;
  job.of = &case_of_bad_child;
  job.experiment = &kPlain;
  job.arm = &arm;
  std::vector<std::string> values;
  EXPECT_TRUE(run_search(runner, search, definition, job, [&](FinishedRun&& finished) {
    values.emplace_back(value_of(finished.record.of.params, "n"));
  }));
  return values;
}

TEST(Searcher, tries_ends_and_grid_then_halves_until_two_neighbours_differ) {
  EXPECT_EQ(probes_of(planned(0, 64, 1)),
            (std::vector<std::string>{"0", "64", "2", "5", "12", "28", "3", "4"}));
}

TEST(Searcher, where_several_boundaries_are_it_narrows_the_lowest) {
  const Search twice{.name = "edge",
                     .param = "n",
                     .low = 0,
                     .high = 64,
                     .step = 1,
                     .holds = [](const RunView& run) {
                       const auto n = *number_from(run.param("n"));
                       return (n >= 4 && n < 9) || n >= 40;
                     }};
  EXPECT_EQ(probes_of(planned(0, 64, 1), "behaves", twice),
            (std::vector<std::string>{"0", "64", "2", "5", "12", "28", "3", "4"}));
}

TEST(Searcher, the_grid_is_even_in_ratio_and_on_steps) {
  EXPECT_EQ(grid_of(planned(4096, 4096 << 10, 4096)),
            (std::vector<std::int64_t>{4096, 4096 << 10, 16384, 65536, 262144, 1048576}));
  EXPECT_EQ(grid_of(planned(0, 2, 1)), (std::vector<std::int64_t>{0, 2, 1}));
}

TEST(Searcher, stops_when_an_end_is_not_as_the_search_requires) {
  EXPECT_EQ(probes_of(planned(6, 16, 1)), std::vector<std::string>{"6"});
  EXPECT_EQ(probes_of(planned(0, 4, 1)), (std::vector<std::string>{"0", "4"}));
}

TEST(Searcher, stops_at_a_probe_that_fails) {
  EXPECT_EQ(probes_of(planned(0, 16, 1), "exits_3"), std::vector<std::string>{"0"});
}

TEST(Searcher, a_coarse_step_ends_early) {
  EXPECT_EQ(probes_of(planned(0, 16, 8)), (std::vector<std::string>{"0", "16", "8"}));
}

// Probes as the journal gives them back.
class CompleteSearch : public ::testing::Test {
 protected:
  void probe(std::int64_t value, std::optional<bool> holds) {
    RunRecord record;
    record.of.params = {{"n", std::to_string(value)}};
    record.search = SearchProbe{"edge", static_cast<int>(records_.size()) + 1, holds};
    records_.push_back(std::move(record));
  }
  bool complete(std::int64_t step = 1) const {
    std::vector<const RunRecord*> probes;
    for (const RunRecord& record : records_) probes.push_back(&record);
    return search_is_complete(planned(0, 16, step), probes);
  }

  std::vector<RunRecord> records_;
};

TEST_F(CompleteSearch, an_interrupted_search_is_not_complete_at_any_moment) {
  EXPECT_FALSE(complete());
  for (const auto& [value, holds] :
       {std::pair{0, false}, {16, true}, {2, false}, {3, false}, {5, true}, {9, false}}) {
    probe(value, holds);
    EXPECT_FALSE(complete()) << value;
  }
  probe(4, false);
  EXPECT_TRUE(complete());
}

TEST_F(CompleteSearch, a_lower_end_that_holds_was_an_early_stop) {
  probe(0, true);
  EXPECT_TRUE(complete());
}

TEST_F(CompleteSearch, an_upper_end_that_does_not_hold_was_an_early_stop) {
  probe(0, false);
  probe(16, false);
  EXPECT_TRUE(complete());
}

TEST_F(CompleteSearch, a_probe_without_an_answer_was_an_early_stop) {
  probe(0, false);
  probe(16, std::nullopt);
  EXPECT_TRUE(complete());
}

}  // namespace
}  // namespace lab
