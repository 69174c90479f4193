#include "harness/run/axis.h"

#include <gtest/gtest.h>

#include "harness/record/bad_input.h"

namespace lab {
namespace {

constexpr Param bytes{"block_bytes", "byte", "", "4KiB", "4KiB 1MiB", "4KiB 1MiB 1GiB"};
constexpr Param touch{"touch", "token", "", "write", "read write"};
constexpr Param pages{"pages", "page", "", "0 23 all"};

TEST(Axis, a_profile_without_values_inherits_from_the_one_below) {
  EXPECT_EQ(values_for(bytes, Profile::full).size(), 3u);
  EXPECT_EQ(values_for(touch, Profile::full), (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(values_for(touch, Profile::smoke), (std::vector<std::string>{"write"}));
}

TEST(Axis, any_number_is_taken_where_the_axis_has_numbers_and_words_must_be_known) {
  EXPECT_NO_THROW(check_value(bytes, "12345"));
  EXPECT_NO_THROW(check_value(pages, "all"));
  EXPECT_NO_THROW(check_value(pages, "7"));
  EXPECT_THROW(check_value(touch, "7"), BadInput);
  EXPECT_THROW(check_value(bytes, "4KB"), BadInput);
}

TEST(Axis, a_mistyped_word_names_the_nearest_one) {
  try {
    check_value(touch, "wriet");
    FAIL();
  } catch (const BadInput& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'write'"), std::string::npos)
        << error.what();
  }
}

TEST(Axis, combinations_vary_the_last_axis_fastest_and_exist_once_without_axes) {
  EXPECT_EQ(combinations({}).size(), 1u);
  const auto all = combinations({{"a", {"1", "2"}}, {"b", {"x", "y", "z"}}});
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[1], (Settings{{"a", "1"}, {"b", "y"}}));
}

}  // namespace
}  // namespace lab
