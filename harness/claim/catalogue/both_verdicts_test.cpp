// After all tests of this program: every predicate of every registered claim was confirmed by one
// fixture and refuted by another. Says nothing when only some of the tests were run.
#include "harness/claim/testing/judge_part.h"

namespace lab::testing {
namespace {

class BothVerdicts final : public ::testing::Environment {
  void TearDown() override {
    const auto& program = *::testing::UnitTest::GetInstance();
    if (program.test_to_run_count() != program.total_test_count()) return;
    for (auto* entry = Registration<Claim>::first(); entry != nullptr; entry = entry->next())
      for (const Predicate& predicate : entry->item().predicates)
        expect_both(std::string(entry->item().id) + '/' + std::string(predicate.part));
  }

  static void expect_both(const std::string& part) {
    EXPECT_TRUE(verdicts_seen()[part].contains(Verdict::confirmed))
        << "no fixture confirms " << part;
    EXPECT_TRUE(verdicts_seen()[part].contains(Verdict::refuted)) << "no fixture refutes " << part;
  }
};

const auto* const both_verdicts = ::testing::AddGlobalTestEnvironment(new BothVerdicts);

}  // namespace
}  // namespace lab::testing
