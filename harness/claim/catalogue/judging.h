// What judges are written with: choosing runs, reading them, wording findings. A judge asks for the
// numbers it needs; one that was not measured ends it as not_testable with the reason.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/claim.h"

namespace lab::claims {

// Thrown by Runs; `judged` turns it into a finding.
struct Missing {
  Verdict verdict;
  std::string reason;
};

class Runs {
 public:
  explicit Runs(Evidence evidence) : evidence_(evidence) {}

  // The runs whose parameters and knobs are as `where` says ("touch=write block_bytes=1MiB").
  // Runs that ended early are among them.
  std::vector<const RunView*> all(std::string_view where) const;

  // The median over all those runs of a value, of its growth since the first mark, or of its growth
  // from the end of one phase to the end of another.
  std::int64_t value(std::string_view where, std::string_view phase, std::string_view metric) const;
  std::int64_t grown(std::string_view where, std::string_view phase, std::string_view metric) const;
  std::int64_t change(std::string_view where, std::string_view from, std::string_view to,
                      std::string_view metric) const;

 private:
  Evidence evidence_;
};

// Turns a judge over Runs into the function that a Predicate holds.
template <Finding (*judge)(const Runs&)>
Finding judged(Evidence evidence) {
  try {
    return judge(Runs(evidence));
  } catch (const Missing& missing) {
    return {missing.verdict, "", "", missing.reason};
  }
}

// Confirms or refutes; `why` is said only of a refutation.
Finding expect(bool holds, std::string measured, std::string expected, std::string why = {});
// The claim does not concern what was measured.
[[noreturn]] void not_applicable(std::string reason);

// "2 MiB", "92 KiB" or "131049 B": never rounded.
std::string bytes(std::int64_t count);
// "1 fault", "23 faults".
std::string count(std::int64_t number, std::string_view what);

// Where a search stopped: the largest value of `param` without, and the smallest with, the thing
// searched for ("request", "mmap_calls_count" above zero).
struct Boundary {
  std::int64_t last_without;
  std::int64_t first_with;
  // False when there are several: the thing is there, and at a larger value it is not.
  bool is_single() const { return last_without < first_with; }
};
Boundary boundary(const Runs& runs, std::string_view where, std::string_view param,
                  std::string_view phase, std::string_view metric);

}  // namespace lab::claims
