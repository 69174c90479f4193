// Verdicts as a table for people, as Markdown, and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/claim/judge.h"

namespace lab::cli {

// Grouped by subject: a line for each claim, one below it for each allocator. Claims that concern no
// chosen allocator are left out.
std::string claims_table(const std::vector<ClaimVerdict>& verdicts);
std::string claims_markdown(const std::vector<ClaimVerdict>& verdicts);

// One claim in full: sentence, source, and every part's measured against expected.
std::string claim_details(const ClaimVerdict& verdict);

// Where the runs are that verdicts rest on: counts and times are measured apart. Empty: none were.
struct ResultFolders {
  std::string counts;
  std::string times;
};

// Entries of the manifest's `claims`, each with the folder of the runs that decided it.
nlohmann::ordered_json claims_json(const std::vector<ClaimVerdict>& verdicts,
                                   const ResultFolders& results);

}  // namespace lab::cli
