#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/library.h"

namespace lab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr KnobRule kRules[] = {
    {"mmap_threshold_bytes", "TUNABLES", "malloc.mmap_threshold={}"},
    {"arena_max_count", "TUNABLES", "malloc.arena_max={}"},
    {"heap_limit_bytes", "HEAP_LIMIT_MB", "{}", ":", 1 << 20},
    {"purge_delay_ms", "CONF", "dirty:{}", ","},
    {"purge_delay_ms", "CONF", "muzzy:{}", ","},
    {"background_thread", "CONF", "background:{0=false|1=true}", ","},
    {"mode", "MODE", "{fast=1|*=0}"},
    {"delay_ms", "DELAY", "{-1=never|*}"},
};
constexpr Allocator kAllocator{.name = "sample", .summary = "", .knobs = kRules};

EnvironmentPairs pairs_of(std::vector<Setting> knobs, std::string* unsupported = nullptr) {
  return knob_environment(kAllocator, knobs, unsupported);
}

TEST(KnobEnvironment, settings_of_one_variable_are_joined) {
  EXPECT_THAT(pairs_of({{"mmap_threshold_bytes", "65536"}, {"arena_max_count", "2"}}),
              ElementsAre(Pair("TUNABLES", "malloc.mmap_threshold=65536:malloc.arena_max=2")));
}

TEST(KnobEnvironment, absent_passes_nothing) {
  EXPECT_THAT(pairs_of({{"mmap_threshold_bytes", "absent"}}), IsEmpty());
}

TEST(KnobEnvironment, an_unknown_knob_set_to_absent_is_no_complaint) {
  std::string unsupported;
  EXPECT_THAT(pairs_of({{"top_pad_bytes", "absent"}}, &unsupported), IsEmpty());
  EXPECT_EQ(unsupported, "");
}

TEST(KnobEnvironment, suffixes_become_plain_numbers) {
  EXPECT_THAT(pairs_of({{"mmap_threshold_bytes", "64KiB"}}),
              ElementsAre(Pair("TUNABLES", "malloc.mmap_threshold=65536")));
}

TEST(KnobEnvironment, a_rule_may_divide_the_value) {
  EXPECT_THAT(pairs_of({{"heap_limit_bytes", "3MiB"}}), ElementsAre(Pair("HEAP_LIMIT_MB", "3")));
}

TEST(KnobEnvironment, all_rules_of_a_knob_apply) {
  EXPECT_THAT(pairs_of({{"purge_delay_ms", "-1"}}), ElementsAre(Pair("CONF", "dirty:-1,muzzy:-1")));
}

TEST(KnobEnvironment, a_choice_translates_the_value) {
  EXPECT_THAT(pairs_of({{"background_thread", "1"}}), ElementsAre(Pair("CONF", "background:true")));
  EXPECT_THAT(pairs_of({{"mode", "fast"}}), ElementsAre(Pair("MODE", "1")));
  EXPECT_THAT(pairs_of({{"mode", "slow"}}), ElementsAre(Pair("MODE", "0")));
}

TEST(KnobEnvironment, a_choice_without_text_passes_the_value) {
  EXPECT_THAT(pairs_of({{"delay_ms", "-1"}}), ElementsAre(Pair("DELAY", "never")));
  EXPECT_THAT(pairs_of({{"delay_ms", "2KiB"}}), ElementsAre(Pair("DELAY", "2048")));
}

TEST(KnobEnvironment, a_value_without_a_choice_is_named) {
  std::string unsupported;
  EXPECT_THAT(pairs_of({{"background_thread", "2"}}, &unsupported), IsEmpty());
  EXPECT_EQ(unsupported, "background_thread=2 is not supported by sample");
}

TEST(KnobEnvironment, an_unknown_knob_is_named_and_nothing_is_passed) {
  std::string unsupported;
  EXPECT_THAT(pairs_of({{"arena_max_count", "2"}, {"top_pad_bytes", "0"}}, &unsupported),
              IsEmpty());
  EXPECT_EQ(unsupported, "top_pad_bytes=0 is not supported by sample");
}

}  // namespace
}  // namespace lab
