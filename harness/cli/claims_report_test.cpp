#include "harness/cli/claims_report.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lab::cli {
namespace {

constexpr Predicate kTimed[] = {{"part", "", "e", "", "", nullptr, "", true}};
constexpr Claim brief{.id = "brief", .subject = "heap", .sentence = "Short ids leave room.",
                      .said_in = "", .versions = "any", .allocators = "all", .predicates = {}};
constexpr Claim lengthy{.id = "an-id-that-is-much-longer", .subject = "heap",
                        .sentence = "Long ids need it.", .said_in = "", .versions = "any",
                        .allocators = "", .predicates = {}};
constexpr Claim timed{.id = "timed", .subject = "clock", .sentence = "It takes time.",
                      .said_in = "", .versions = "any", .allocators = "all", .predicates = kTimed};

ClaimVerdict verdict(const Claim& claim, std::string allocator, Finding finding) {
  return {&claim, std::move(allocator), finding.verdict, {{"claim/part", "", "", finding}}};
}

const std::vector<ClaimVerdict> kVerdicts{
    verdict(brief, "glibc", {Verdict::confirmed, "23 faults", "23"}),
    verdict(brief, "tbbmalloc_proxy", {Verdict::refuted, "24 faults", "23", "one more | than told"}),
    verdict(lengthy, "", {Verdict::not_testable, "", "", "no such kernel"}),
    verdict(timed, "glibc", {Verdict::not_applicable, "", ""}),
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n') lines.emplace_back();
    else lines.back() += c;
  return lines;
}

std::size_t column_of(const std::string& table, const std::string& words) {
  for (const std::string& line : lines_of(table))
    if (const auto at = line.find(words); at != std::string::npos) return at;
  return std::string::npos;
}

TEST(ClaimsTable, columns_are_as_wide_as_the_longest_id_and_name) {
  const std::string table = claims_table(kVerdicts);
  EXPECT_EQ(column_of(table, "Short ids"), column_of(table, "Long ids"));
  EXPECT_EQ(column_of(table, "confirmed "), column_of(table, "refuted "));
  EXPECT_EQ(column_of(table, "23 faults"), column_of(table, "no such kernel"));
  EXPECT_NE(table.find("an-id-that-is-much-longer  Long"), std::string::npos);
}

TEST(ClaimsTable, subjects_are_headings_and_what_does_not_apply_is_left_out) {
  const auto lines = lines_of(claims_table(kVerdicts));
  EXPECT_EQ(lines.front(), "heap");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "clock"), 0);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "1 confirmed, 1 refuted, 1 not testable"), lines.end());
}

TEST(ClaimsMarkdown, a_bar_in_a_cell_does_not_end_it) {
  EXPECT_NE(claims_markdown(kVerdicts).find("one more \\| than told"), std::string::npos);
}

TEST(ClaimsJson, each_verdict_names_the_result_that_decided_it) {
  const auto list = claims_json(kVerdicts, {.counts = "c", .times = "t"});
  EXPECT_EQ(list[0].at("result"), "c");
  EXPECT_EQ(list[3].at("result"), "t");
  EXPECT_TRUE(list[2].at("allocator").is_null());
  EXPECT_TRUE(list[0].at("explanation").is_null());
}

}  // namespace
}  // namespace lab::cli
