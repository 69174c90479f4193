// Judges claims from recorded runs: evidence in, verdicts out. Pure; a claim is refuted when any of its
// predicates is, and not testable when any could not be judged.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/claim.h"
#include "harness/record/run_record.h"

namespace lab {

struct PartVerdict {
  std::string id;  // claim/part
  std::string_view sentence;
  std::string_view tolerance;
  Finding finding;
};

struct ClaimVerdict {
  const Claim* claim = nullptr;
  std::string allocator;  // empty for claims about the kernel
  Verdict verdict = Verdict::not_testable;
  std::vector<PartVerdict> parts;
};

std::string_view name_of(Verdict verdict);

// The claims about an allocator apply to those it names ("all": every one).
bool is_about(const Claim& claim, std::string_view allocator);

// The allocators beside the judged ones whose runs the claim's predicates need, each once.
std::vector<std::string_view> allocators_beside(const Claim& claim);

// One verdict for a claim about the kernel, one for each of `allocators` otherwise.
std::vector<ClaimVerdict> judge(const Claim& claim, std::span<const RunRecord> runs,
                                std::span<const std::string> allocators);

// True when the run's parameters and knobs are what `where` asks for ("a=1 b=2,3"); a name that the run
// has not is no hindrance.
bool fits(const RunView& run, std::string_view where);

// The measured, expected and explaining words of the part that decided: the first refuted one, else the
// first that could not be judged, else all parts' together.
std::string measured_words(const ClaimVerdict& verdict);
std::string expected_words(const ClaimVerdict& verdict);
std::string explanation_words(const ClaimVerdict& verdict);

}  // namespace lab
