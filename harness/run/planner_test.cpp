#include "harness/run/planner.h"

#include <gtest/gtest.h>

#include <set>

#include "harness/record/bad_input.h"

namespace lab {
namespace {

// Experiments and allocators of this test program's own catalogue.
constexpr std::string_view kPhases[] = {"only"};
constexpr Param kParams[] = {{"bytes", "byte", "", "1 2", "1 2 3"}, {"how", "token", "", "a b"}};
constexpr Param kKnobs[] = {{"limit", "byte", "", "absent 64KiB"}};
bool not_two_with_b(const Point& point) { return !(point.number("bytes") == 2 && point.is("how", "b")); }
bool never(const RunView&) { return false; }
constexpr Search kSearches[] = {{"edge", "bytes", 1, 100, 1, never, "how=a"}};

constexpr Description planned{.name = "planned",
                              .family = "test",
                              .question = "?",
                              .method = "",
                              .params = kParams,
                              .knobs = kKnobs,
                              .phases = kPhases,
                              .searches = kSearches,
                              .applies = not_two_with_b,
                              .run = nullptr};
constexpr Description about_kernel{
    .name = "about_kernel", .family = "kernel", .question = "?", .method = "", .phases = kPhases, .run = nullptr};
constexpr Allocator one{.name = "one", .summary = ""};
constexpr std::string_view kLibrary[] = {"libtwo_malloc.so.1"};
constexpr Allocator two{.name = "two", .summary = "", .libraries = kLibrary};
LAB_REGISTER_EXPERIMENT(planned);
LAB_REGISTER_EXPERIMENT(about_kernel);
LAB_REGISTER_ALLOCATOR(one);
LAB_REGISTER_ALLOCATOR(two);

Plan plan_for(RunRequest request) { return make_plan(request, resolve_arms(request)); }

std::string message_of(const RunRequest& request) {
  try {
    plan_for(request);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "no error";
}

TEST(Planner, a_plan_is_every_point_that_applies_under_every_arm_and_knob) {
  const auto plan = plan_for({.experiments = {"planned"}, .profile = Profile::smoke});
  EXPECT_EQ(plan.cases.size(), 3u * 2u * 2u);
  std::set<std::string> ids;
  for (const Case& one_case : plan.cases) ids.insert(one_case.id);
  EXPECT_EQ(ids.size(), plan.cases.size());
}

TEST(Planner, a_setting_replaces_the_values_of_its_axis) {
  const auto plan = plan_for({.experiments = {"planned"},
                              .allocators = {"one"},
                              .settings = {"bytes=7,9 how=a", "limit=absent"}});
  ASSERT_EQ(plan.cases.size(), 2u);
  EXPECT_EQ(value_of(plan.cases[0].params, "bytes"), "7");
  EXPECT_EQ(value_of(plan.cases[1].params, "bytes"), "9");
}

TEST(Planner, a_search_fixes_what_its_where_says_and_leaves_its_parameter_open) {
  const auto plan = plan_for({.experiments = {"planned"}, .allocators = {"one"}});
  ASSERT_EQ(plan.searches.size(), 1u);
  EXPECT_EQ(plan.searches[0].cases.size(), 2u);  // two knob values
  EXPECT_EQ(value_of(plan.searches[0].cases[0].params, "how"), "a");
  EXPECT_EQ(value_of(plan.searches[0].cases[0].params, "bytes"), "");
}

TEST(Planner, an_experiment_about_the_kernel_runs_under_one_allocator_unless_asked_otherwise) {
  EXPECT_EQ(plan_for({.experiments = {"about_kernel"}}).cases.size(), 1u);
  EXPECT_EQ(plan_for({.experiments = {"about_kernel"}, .allocators = {"one", "two"}}).cases.size(), 2u);
}

TEST(Planner, wrong_names_and_values_are_refused_with_the_nearest_valid_one) {
  EXPECT_NE(message_of({.experiments = {"plannde"}}).find("did you mean 'planned'"), std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .allocators = {"tow"}}).find("did you mean 'two'"),
            std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .settings = {"byts=1"}}).find("did you mean 'bytes'"),
            std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .settings = {"how=c"}}).find("one of a, b"),
            std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .settings = {"bytes"}}).find("expected NAME=VALUE"),
            std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .blocks = 0}).find("at least 1"), std::string::npos);
  EXPECT_NE(message_of({.experiments = {"planned"}, .allocators = {"one", "one"}}).find("named twice"),
            std::string::npos);
}

TEST(Planner, settings_that_leave_nothing_to_run_are_refused) {
  EXPECT_NE(message_of({.experiments = {"planned"}, .settings = {"bytes=2", "how=b"}}).find("nothing to run"),
            std::string::npos);
}

TEST(Planner, an_arm_is_an_allocator_or_a_library_whose_name_tells_the_allocator) {
  const auto arms = resolve_arms({.arms = {"base=one", "candidate=/opt/new/libtwo_malloc.so.2"}});
  ASSERT_EQ(arms.size(), 2u);
  EXPECT_EQ(arms[1].name, "candidate");
  EXPECT_EQ(arms[1].allocator->name, "two");
  EXPECT_EQ(arms[1].library.path, "/opt/new/libtwo_malloc.so.2");
  EXPECT_THROW(resolve_arms({.arms = {"base=/opt/libunknown.so"}}), BadInput);
  EXPECT_THROW(resolve_arms({.arms = {"base"}}), BadInput);
}

TEST(Planner, selections_are_planned_once_however_many_ask_for_them) {
  const auto arms = resolve_arms({.allocators = {"one"}});
  const auto plan = plan_selections({{"planned", "bytes=1 how=a limit=absent", arms},
                                     {"planned", "bytes=1 how=a,b limit=absent", arms},
                                     {"planned", "search=edge limit=absent", arms}},
                                    {});
  EXPECT_EQ(plan.cases.size(), 2u);
  ASSERT_EQ(plan.searches.size(), 1u);
  EXPECT_EQ(plan.searches[0].cases.size(), 1u);
  EXPECT_THROW(plan_selections({{"planned", "search=none", arms}}, {}), BadInput);
  EXPECT_THROW(plan_selections({{"planned", "colour=red", arms}}, {}), BadInput);
}

TEST(Planner, the_plan_id_changes_with_what_is_run_and_not_with_how_often) {
  auto plan = plan_for({.experiments = {"planned"}});
  const auto id = plan.id();
  plan.blocks = 40;
  EXPECT_EQ(plan.id(), id);
  plan.cases[0].params[0].second = "4";
  EXPECT_NE(plan.id(), id);
}

}  // namespace
}  // namespace lab
