#include "harness/record/environment.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

nlohmann::ordered_json environment() {
  static const PerfSession perf;
  const std::string variables[] = {"LC_ALL=C", "EMPTY=", "ODD=a=b"};
  return environment_json(read_host(), perf, variables);
}

TEST(Environment, has_what_every_comparison_needs) {
  const auto json = environment();
  for (const char* name : {"kernel", "libc", "cpu_model", "cpus_count", "cpus_allowed",
                           "page_bytes", "thp_enabled", "hypervisor", "compiler", "git_commit"})
    EXPECT_TRUE(json.contains(name)) << name;
}

TEST(Environment, gives_a_reason_for_every_null_and_for_nothing_else) {
  const auto json = environment();
  for (const auto& [name, value] : json.items())
    EXPECT_EQ(value.is_null(), json["nulls"].contains(name)) << name;
  for (const auto& [name, reason] : json["nulls"].items())
    EXPECT_FALSE(reason.get<std::string>().empty()) << name;
}

TEST(Environment, tells_what_a_session_took_and_lost_only_when_it_has_ended) {
  auto json = environment();
  const SessionSpan span(json);
  for (const char* name : {"session_wall_ns", "session_steal_ns"}) {
    EXPECT_TRUE(json[name].is_null());
    EXPECT_EQ(json["nulls"][name], "the session has not ended");
  }
  span.end(json);
  EXPECT_GT(json["session_wall_ns"].get<std::int64_t>(), 0);
  EXPECT_GE(json["session_steal_ns"].get<std::int64_t>(), 0);
  EXPECT_FALSE(json["nulls"].contains("session_steal_ns"));
}

TEST(Environment, tells_of_every_event_whether_it_can_be_counted) {
  const auto json = environment();
  for (const Metric& metric : kEventMetrics) {
    if (metric.source.starts_with("perf time")) continue;
    EXPECT_TRUE(json.contains("event_" + std::string(metric.name))) << metric.name;
  }
}

TEST(Environment, splits_variables_at_the_first_equals_sign) {
  const auto json = environment();
  EXPECT_EQ(json["variables"]["LC_ALL"], "C");
  EXPECT_EQ(json["variables"]["EMPTY"], "");
  EXPECT_EQ(json["variables"]["ODD"], "a=b");
}

TEST(Environment, is_flat_but_for_nulls_and_variables) {
  const auto json = environment();
  for (const auto& [name, value] : json.items())
    EXPECT_TRUE(value.is_primitive() || name == "nulls" || name == "variables") << name;
}

}  // namespace
}  // namespace lab
