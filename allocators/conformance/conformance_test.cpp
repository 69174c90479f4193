// Every check under every allocator, each in a process of its own with the library preloaded.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "allocators/conformance/check.h"
#include "allocators/conformance/deviations.h"
#include "harness/run/file_origin.h"
#include "harness/run/library.h"

namespace conformance {
namespace {

struct Case {
  const lab::Allocator* allocator;
  const Check* check;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.check->name << " under " << one.allocator->name;
}

std::string name_of(const testing::TestParamInfo<Case>& instance) {
  return std::string(instance.param.allocator->name) + "_" +
         std::string(instance.param.check->name);
}

template <class Item>
std::vector<const Item*> registered() {
  std::vector<const Item*> items;
  for (auto* entry = lab::Registration<Item>::first(); entry != nullptr; entry = entry->next())
    items.push_back(&entry->item());
  return items;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto* allocator : registered<lab::Allocator>())
    if (allocator->role != lab::AllocatorRole::checker)
      for (const auto* check : registered<Check>()) cases.push_back({allocator, check});
  return cases;
}

const Deviation* deviation_of(const Case& one) {
  for (const Deviation& deviation : kDeviations)
    if (deviation.allocator == one.allocator->name && deviation.check == one.check->name)
      return &deviation;
  return nullptr;
}

bool is_judged_version(const lab::Allocator& allocator) {
  lab::ResolvedLibrary library = lab::find_library(allocator);
  lab::identify(library);
  const std::string& origin = library.origin;
  return std::ranges::any_of(kJudgedVersions, [&](const JudgedVersion& judged) {
    return judged.allocator == allocator.name && origin.starts_with(judged.origin);
  });
}

bool must_deviate(const Case& one, const Deviation& deviation) {
  return deviation.persistence == by_design ||
         (deviation.persistence == this_version && is_judged_version(*one.allocator));
}

struct Outcome {
  int exit_code;
  std::string text;
};

// The shell sets LD_PRELOAD for the check alone and joins its error output.
Outcome run(const lab::ResolvedLibrary& library, std::string_view check) {
  const auto program = std::filesystem::canonical("/proc/self/exe").parent_path() / "conformance";
  Outcome outcome{};
  outcome.text = lab::output_of(
      {"sh", "-c", R"(LD_PRELOAD="$3" exec "$0" --library "$1" "$2" 2>&1)", program.string(),
       library.path, std::string(check), library.preload ? library.path : ""},
      outcome.exit_code);
  return outcome;
}

class Conformance : public testing::TestWithParam<Case> {};

constexpr int kHolds = 0, kNoSuchCheck = 2, kWrongLibrary = 3, kCannotTry = 77;

TEST_P(Conformance, holds_or_is_a_known_deviation) {
  const Case& one = GetParam();
  const lab::ResolvedLibrary library = lab::find_library(*one.allocator);
  ASSERT_TRUE(library.available || !one.allocator->package.empty()) << library.reason;
  if (!library.available) GTEST_SKIP() << library.reason;
  const Deviation* deviation = deviation_of(one);
  if (deviation != nullptr && deviation->persistence == not_tried) GTEST_SKIP() << deviation->why;

  const Outcome outcome = run(library, one.check->name);
  ASSERT_NE(outcome.exit_code, kNoSuchCheck) << outcome.text;
  ASSERT_NE(outcome.exit_code, kWrongLibrary) << outcome.text;
  if (outcome.exit_code == kCannotTry) GTEST_SKIP() << outcome.text;
  if (deviation == nullptr) {
    EXPECT_EQ(outcome.exit_code, kHolds) << outcome.text;
  } else if (must_deviate(one, *deviation)) {
    EXPECT_NE(outcome.exit_code, kHolds)
        << "a known deviation is gone, take it out of deviations.h: " << deviation->why;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryAllocator, Conformance, testing::ValuesIn(all_cases()), name_of);

TEST(Deviations, name_allocators_and_checks_that_exist) {
  for (const Deviation& deviation : kDeviations) {
    EXPECT_NE(lab::find_registered<lab::Allocator>(deviation.allocator), nullptr)
        << deviation.allocator;
    EXPECT_NE(lab::find_registered<Check>(deviation.check), nullptr) << deviation.check;
    EXPECT_NE(deviation.allocator, "reference") << "the reference satisfies every check";
  }
}

TEST(ConformanceProgram, refuses_to_judge_a_library_that_does_not_serve) {
  const lab::ResolvedLibrary libc{.available = true, .preload = false, .path = "/nowhere/lib.so"};
  EXPECT_EQ(run(libc, "free_of_null_does_nothing").exit_code, kWrongLibrary);
}

}  // namespace
}  // namespace conformance
