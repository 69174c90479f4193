// Verdicts as a table for people, as Markdown, and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/claim/judge.h"

namespace lab::cli {

// Grouped by subject; one line a claim and allocator, claims that concern no chosen allocator left out.
std::string claims_table(const std::vector<ClaimVerdict>& verdicts);
std::string claims_markdown(const std::vector<ClaimVerdict>& verdicts);

// One claim in full: sentence, source, and every part's measured against expected.
std::string claim_details(const ClaimVerdict& verdict);

// Entries of the manifest's `claims`; `result` names the folder the verdicts come from.
nlohmann::ordered_json claims_json(const std::vector<ClaimVerdict>& verdicts,
                                   const std::string& result);

}  // namespace lab::cli
