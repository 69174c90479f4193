#include "harness/claim/judge.h"

#include <algorithm>

namespace lab {

namespace {

std::vector<std::string_view> words(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool same_value(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto left = number_from(a);
  return left && left == number_from(b);
}

bool may_see(const Predicate& predicate, const RunRecord& run) {
  return run.of.experiment == predicate.experiment && (run.measure == "time") == predicate.times &&
         fits(RecordView(run), predicate.where);
}

// The runs that `predicate` may look at: under `allocator` (empty: any), then under those beside it.
std::vector<RecordView> evidence_for(const Predicate& predicate, std::span<const RunRecord> runs,
                                     std::string_view allocator) {
  std::vector<std::string_view> under{allocator};
  for (const std::string_view other : words(predicate.beside, ' '))
    if (other != allocator) under.push_back(other);
  std::vector<RecordView> views;
  for (const std::string_view one : under)
    for (const RunRecord& run : runs)
      if ((one.empty() || run.of.allocator == one) && may_see(predicate, run)) views.emplace_back(run);
  return views;
}

Finding nothing_measured(const std::vector<RecordView>& views) {
  const auto bad = std::find_if(views.begin(), views.end(),
                                [](const RecordView& view) { return !view.reason().empty(); });
  return {Verdict::not_testable, "nothing", "a run that ended well",
          bad == views.end() ? "no run of the experiment is in the result" : std::string(bad->reason())};
}

Finding judge_part(const Predicate& predicate, std::span<const RunRecord> runs,
                   std::string_view allocator) {
  const auto views = evidence_for(predicate, runs, allocator);
  std::vector<const RunView*> evidence;
  for (const RecordView& view : views) evidence.push_back(&view);
  const bool any_ok = std::any_of(views.begin(), views.end(), [](const RecordView& view) {
    return view.ok() || view.status() == "oom_killed" || view.status() == "timeout";
  });
  return any_ok ? predicate.judge(evidence) : nothing_measured(views);
}

Verdict combined(const std::vector<PartVerdict>& parts) {
  const auto any = [&](Verdict wanted) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const PartVerdict& part) { return part.finding.verdict == wanted; });
  };
  for (const Verdict verdict : {Verdict::refuted, Verdict::not_testable, Verdict::confirmed})
    if (any(verdict)) return verdict;
  return Verdict::not_applicable;
}

ClaimVerdict judge_under(const Claim& claim, std::span<const RunRecord> runs,
                         const std::string& allocator) {
  ClaimVerdict verdict{&claim, allocator, Verdict::not_applicable, {}};
  if (!allocator.empty() && !is_about(claim, allocator)) return verdict;
  for (const Predicate& predicate : claim.predicates)
    verdict.parts.push_back({std::string(claim.id) + '/' + std::string(predicate.part),
                             predicate.sentence, predicate.tolerance,
                             judge_part(predicate, runs, allocator)});
  verdict.verdict = combined(verdict.parts);
  return verdict;
}

// Joins a field of the parts that decided.
template <class Field>
std::string decisive(const ClaimVerdict& verdict, Field field) {
  std::string text;
  for (const PartVerdict& part : verdict.parts) {
    if (part.finding.verdict != verdict.verdict) continue;
    const std::string& words_of_part = field(part.finding);
    if (words_of_part.empty() || text.find(words_of_part) != std::string::npos) continue;
    text += (text.empty() ? "" : "; ") + words_of_part;
  }
  return text;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::confirmed: return "confirmed";
    case Verdict::refuted: return "refuted";
    case Verdict::not_testable: return "not_testable";
    case Verdict::not_applicable: return "not_applicable";
  }
  return "not_testable";
}

bool is_about(const Claim& claim, std::string_view allocator) {
  if (claim.allocators == "all") return true;
  const auto names = words(claim.allocators, ' ');
  return std::find(names.begin(), names.end(), allocator) != names.end();
}

std::vector<std::string_view> allocators_beside(const Claim& claim) {
  std::vector<std::string_view> names;
  for (const Predicate& predicate : claim.predicates)
    for (const std::string_view name : words(predicate.beside, ' '))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

bool fits(const RunView& run, std::string_view where) {
  for (const auto condition : words(where, ' ')) {
    const auto equals = condition.find('=');
    const auto name = condition.substr(0, equals);
    const auto param = run.param(name);
    const auto value = param.empty() ? run.knob(name) : param;
    if (value.empty()) continue;
    const auto allowed = words(condition.substr(equals + 1), ',');
    if (std::none_of(allowed.begin(), allowed.end(),
                     [&](std::string_view one) { return same_value(one, value); }))
      return false;
  }
  return true;
}

std::vector<ClaimVerdict> judge(const Claim& claim, std::span<const RunRecord> runs,
                                std::span<const std::string> allocators) {
  if (claim.allocators.empty()) return {judge_under(claim, runs, "")};
  std::vector<ClaimVerdict> verdicts;
  for (const std::string& allocator : allocators)
    verdicts.push_back(judge_under(claim, runs, allocator));
  return verdicts;
}

std::string measured_words(const ClaimVerdict& verdict) {
  return decisive(verdict, [](const Finding& finding) -> const std::string& { return finding.measured; });
}
std::string expected_words(const ClaimVerdict& verdict) {
  return decisive(verdict, [](const Finding& finding) -> const std::string& { return finding.expected; });
}
std::string explanation_words(const ClaimVerdict& verdict) {
  return decisive(verdict,
                  [](const Finding& finding) -> const std::string& { return finding.explanation; });
}

}  // namespace lab
