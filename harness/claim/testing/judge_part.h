// Judges one part of a registered claim from fixture runs, and keeps which verdicts the fixtures of
// this program brought about: a predicate that no fixture refutes is not tested.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "harness/claim/testing/fake_run.h"

namespace lab::testing {

// "id/part" to the verdicts that verdict_of has returned for it.
inline std::map<std::string, std::set<Verdict>>& verdicts_seen() {
  static std::map<std::string, std::set<Verdict>> seen;
  return seen;
}

// Requires a registered claim with that part; the test fails otherwise.
inline Verdict verdict_of(std::string_view id, std::string_view part,
                          std::vector<const RunView*> runs) {
  const Predicate* predicate = find_predicate(id, part);
  if (predicate == nullptr) {
    ADD_FAILURE() << "no part " << id << '/' << part;
    return Verdict::not_testable;
  }
  const Verdict verdict = predicate->judge(runs).verdict;
  verdicts_seen()[std::string(id) + '/' + std::string(part)].insert(verdict);
  return verdict;
}

}  // namespace lab::testing
