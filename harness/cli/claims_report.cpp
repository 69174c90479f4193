#include "harness/cli/claims_report.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace lab::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string padded(std::string_view text, std::size_t width) {
  std::string cell(text);
  if (cell.size() < width) cell.resize(width, ' ');
  return cell;
}

std::string words_of(Verdict verdict) {
  std::string text(name_of(verdict));
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// What a reader wants to know first: why it is refuted or not testable, else what was measured.
std::string reason_of(const ClaimVerdict& verdict) {
  const std::string explanation = explanation_words(verdict);
  const std::string measured = measured_words(verdict);
  if (verdict.verdict == Verdict::confirmed || explanation.empty()) return measured;
  return verdict.verdict == Verdict::not_testable ? explanation : measured + ": " + explanation;
}

std::vector<const ClaimVerdict*> applicable(const std::vector<ClaimVerdict>& verdicts) {
  std::vector<const ClaimVerdict*> shown;
  for (const ClaimVerdict& verdict : verdicts)
    if (verdict.verdict != Verdict::not_applicable) shown.push_back(&verdict);
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) {
    return a->claim->subject < b->claim->subject;
  });
  return shown;
}

// The widest of what `text_of` says of each verdict.
template <class TextOf>
std::size_t widest(const std::vector<const ClaimVerdict*>& shown, TextOf text_of) {
  std::size_t width = 0;
  for (const auto* verdict : shown) width = std::max(width, text_of(*verdict).size());
  return width;
}

std::string subject_of(const ClaimVerdict& verdict) {
  return verdict.allocator.empty() ? "kernel" : verdict.allocator;
}

std::string counts_line(const std::vector<const ClaimVerdict*>& shown) {
  std::map<Verdict, std::size_t> counts;
  for (const auto* verdict : shown) ++counts[verdict->verdict];
  std::string line;
  for (const auto& [verdict, count] : counts)
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + words_of(verdict);
  return line;
}

std::string escaped_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

const std::string& result_of(const Claim& claim, const ResultFolders& results) {
  const bool times = std::any_of(claim.predicates.begin(), claim.predicates.end(),
                                 [](const Predicate& predicate) { return predicate.times; });
  return times ? results.times : results.counts;
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

std::string claims_table(const std::vector<ClaimVerdict>& verdicts) {
  const auto shown = applicable(verdicts);
  const auto id_width = widest(shown, [](const auto& verdict) { return verdict.claim->id; });
  const auto name_width = widest(shown, subject_of);
  constexpr std::size_t kVerdictWidth = std::string_view("not testable").size();
  std::string text;
  std::string_view subject;
  std::string_view last_id;
  for (const auto* verdict : shown) {
    if (verdict->claim->subject != subject) {
      subject = verdict->claim->subject;
      text += (text.empty() ? "" : "\n") + std::string(subject) + "\n";
    }
    if (verdict->claim->id != last_id)
      text += "  " + padded(verdict->claim->id, id_width + 2) + std::string(verdict->claim->sentence) + "\n";
    last_id = verdict->claim->id;
    text += "      " + padded(subject_of(*verdict), name_width + 2) +
            padded(words_of(verdict->verdict), kVerdictWidth + 2) + reason_of(*verdict) + "\n";
  }
  return text + "\n" + counts_line(shown) + "\n";
}

std::string claims_markdown(const std::vector<ClaimVerdict>& verdicts) {
  std::string text =
      "| claim | sentence | allocator | verdict | measured | expected | why |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto* verdict : applicable(verdicts)) {
    for (const std::string& cell :
         {std::string(verdict->claim->id), std::string(verdict->claim->sentence),
          subject_of(*verdict), words_of(verdict->verdict),
          measured_words(*verdict), expected_words(*verdict), explanation_words(*verdict)})
      text += "| " + escaped_cell(cell) + " ";
    text += "|\n";
  }
  return text;
}

std::string claim_details(const ClaimVerdict& verdict) {
  const Claim& claim = *verdict.claim;
  std::string text = std::string(claim.id) +
                     (verdict.allocator.empty() ? "" : " under " + verdict.allocator) + ": " +
                     words_of(verdict.verdict) + "\n  \"" + std::string(claim.sentence) +
                     "\"\n  said in " + std::string(claim.said_in) + "; versions: " +
                     std::string(claim.versions) + "\n";
  for (const PartVerdict& part : verdict.parts) {
    const Finding& finding = part.finding;
    text += "  " + part.id + ": " + words_of(finding.verdict) + "\n    " +
            std::string(part.sentence) + "\n    measured  " + finding.measured + "\n    expected  " +
            finding.expected + " (tolerance: " + std::string(part.tolerance) + ")\n";
    if (!finding.explanation.empty()) text += "    because   " + finding.explanation + "\n";
  }
  return text;
}

Json claims_json(const std::vector<ClaimVerdict>& verdicts, const ResultFolders& results) {
  Json list = Json::array();
  for (const ClaimVerdict& verdict : verdicts)
    list.push_back({{"id", verdict.claim->id},
                    {"allocator", or_null(verdict.allocator)},
                    {"verdict", name_of(verdict.verdict)},
                    {"measured", or_null(measured_words(verdict))},
                    {"expected", or_null(expected_words(verdict))},
                    {"explanation", or_null(explanation_words(verdict))},
                    {"result", or_null(result_of(*verdict.claim, results))},
                    {"subject", verdict.claim->subject},
                    {"sentence", verdict.claim->sentence},
                    {"said_in", verdict.claim->said_in},
                    {"versions", verdict.claim->versions}});
  return list;
}

}  // namespace lab::cli
