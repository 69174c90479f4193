// Judges one part of a registered claim from fixture runs.
#pragma once

#include <gtest/gtest.h>

#include "harness/claim/testing/fake_run.h"

namespace lab::testing {

// Requires a registered claim with that part; the test fails otherwise.
inline Verdict verdict_of(std::string_view id, std::string_view part,
                          std::initializer_list<const RunView*> runs) {
  const Predicate* predicate = find_predicate(id, part);
  if (predicate == nullptr) {
    ADD_FAILURE() << "no part " << id << '/' << part;
    return Verdict::not_testable;
  }
  return predicate->judge(evidence_of(runs)).verdict;
}

}  // namespace lab::testing
