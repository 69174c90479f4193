#include "harness/cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/record/bad_input.h"
#include "harness/run/axis.h"

namespace lab::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Parsed parsed(const std::string& line) {
  auto words = split(line);
  words.insert(words.begin(), "alloclab");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return parse(static_cast<int>(arguments.size()), arguments.data());
}

RunFlags run_flags(const std::string& line) { return parsed("run " + line).options.run; }

std::string refusal(const std::string& line) {
  try {
    ::testing::internal::CaptureStderr();
    const auto result = parsed(line);
    const std::string text = ::testing::internal::GetCapturedStderr();
    return result.exit_code == 2 ? text : "accepted";
  } catch (const BadInput& error) {
    ::testing::internal::GetCapturedStderr();
    return error.what();
  }
}

TEST(Options, everything_has_a_default) {
  const auto flags = run_flags("first_touch");
  EXPECT_THAT(flags.request.experiments, ElementsAre("first_touch"));
  EXPECT_EQ(flags.request.profile, Profile::quick);
  EXPECT_EQ(flags.request.measure, Measure::counts);
  EXPECT_FALSE(flags.request.blocks);
  EXPECT_EQ(flags.execution.timeout_ms, 60'000);
  EXPECT_EQ(flags.execution.cpus, "");
  EXPECT_LT(flags.execution.memory_limit_bytes, 0);
  EXPECT_TRUE(flags.plan_options.empty());
}

TEST(Options, a_run_of_the_full_profile_may_take_longer) {
  EXPECT_EQ(run_flags("first_touch --profile full").execution.timeout_ms, 600'000);
  EXPECT_EQ(run_flags("first_touch --profile full --timeout 5").execution.timeout_ms, 5'000);
}

TEST(Options, what_was_asked_for_is_there) {
  const auto flags = run_flags(
      "a b --allocators glibc,jemalloc=/x.so --set n=1,2 --set m=3 --profile full --measure time "
      "--runs 7 "
      "--seed 9 --shard 2/3 --timeout 0.5 --memory 64MiB --swap 0 --cpus 0,2-4 --timeline-ms 5");
  EXPECT_THAT(flags.request.experiments, ElementsAre("a", "b"));
  EXPECT_THAT(flags.request.allocators, ElementsAre("glibc", "jemalloc=/x.so"));
  EXPECT_THAT(flags.request.settings, ElementsAre("n=1,2", "m=3"));
  EXPECT_EQ(flags.request.profile, Profile::full);
  EXPECT_EQ(flags.request.measure, Measure::time);
  EXPECT_EQ(flags.request.blocks, 7);
  EXPECT_EQ(flags.request.seed, 9u);
  EXPECT_EQ(flags.request.shard.index, 2);
  EXPECT_EQ(flags.request.shard.count, 3);
  EXPECT_EQ(flags.execution.timeout_ms, 500);
  EXPECT_EQ(flags.execution.memory_limit_bytes, 64 << 20);
  EXPECT_EQ(flags.execution.swap_limit_bytes, 0);
  EXPECT_EQ(flags.execution.cpus, "0,2,3,4");
  EXPECT_EQ(flags.execution.timeline_ms, 5);
}

TEST(Options, a_continued_result_is_told_which_options_contradict_it) {
  EXPECT_THAT(run_flags("--resume r --cpus 0 --seed 1").plan_options,
              ElementsAre("--seed", "--cpus"));
  EXPECT_TRUE(run_flags("--resume r --timeout 5 --quiet --strict").plan_options.empty());
}

TEST(Options, the_nearest_valid_word_is_offered) {
  EXPECT_THAT(refusal("rnu a"), HasSubstr("'rnu' (did you mean 'run'?)"));
  EXPECT_THAT(refusal("run a --allocator glibc"),
              HasSubstr("'--allocator' (did you mean '--allocators'?)"));
  EXPECT_THAT(refusal("run a --profile fulll"), HasSubstr("'fulll' (did you mean 'full'?)"));
  EXPECT_THAT(refusal("list metric"), HasSubstr("'metric' (did you mean 'metrics'?)"));
}

TEST(Options, values_that_make_no_sense_are_refused_by_name) {
  for (const char* line :
       {"--shard 0/2", "--shard 1", "--cpus 1-", "--cpus 3-1", "--cpus -1", "--memory -1",
        "--swap 1MiB", "--timeout 0", "--timeline-ms -1", "--runs 1.5", "--blocks 2"}) {
    const std::string option = split(line).front();
    EXPECT_THAT(refusal(std::string("run a ") + line), HasSubstr(option)) << line;
  }
}

TEST(Options, resume_and_extend_exclude_each_other) {
  EXPECT_THAT(refusal("run --resume a --extend b --blocks 1"), HasSubstr("--extend"));
}

}  // namespace
}  // namespace lab::cli
