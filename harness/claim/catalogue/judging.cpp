#include "harness/claim/catalogue/judging.h"

#include <algorithm>

#include "harness/claim/judge.h"
#include "harness/contract/point.h"

namespace lab::claims {

namespace {

template <class Read>
std::int64_t median(const std::vector<const RunView*>& runs, std::string_view where,
                    std::string_view phase, std::string_view metric, Read read) {
  std::vector<std::int64_t> values;
  for (const RunView* run : runs)
    if (const std::optional<std::int64_t> value = read(*run)) values.push_back(*value);
  if (values.empty()) {
    std::string reason = std::string(metric) + " of phase " + std::string(phase) +
                         " was not measured where " + std::string(where);
    if (!runs.empty() && !runs.front()->ok()) reason += ": " + std::string(runs.front()->reason());
    throw Missing{Verdict::not_testable, reason};
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::vector<const RunView*> Runs::all(std::string_view where) const {
  std::vector<const RunView*> found;
  for (const RunView* run : evidence_)
    if (fits(*run, where)) found.push_back(run);
  return found;
}

std::int64_t Runs::value(std::string_view where, std::string_view phase,
                         std::string_view metric) const {
  return median(all(where), where, phase, metric,
                [&](const RunView& run) { return run.value(phase, metric); });
}

std::int64_t Runs::grown(std::string_view where, std::string_view phase,
                         std::string_view metric) const {
  return median(all(where), where, phase, metric,
                [&](const RunView& run) { return run.since_start(phase, metric); });
}

std::int64_t Runs::change(std::string_view where, std::string_view from, std::string_view to,
                          std::string_view metric) const {
  return median(all(where), where, to, metric, [&](const RunView& run) {
    const auto before = run.value(from, metric);
    const auto after = run.value(to, metric);
    return before && after ? std::optional(*after - *before) : std::nullopt;
  });
}

Finding expect(bool holds, std::string measured, std::string expected, std::string why) {
  return {holds ? Verdict::confirmed : Verdict::refuted, std::move(measured), std::move(expected),
          holds ? std::string() : std::move(why)};
}

void not_applicable(std::string reason) {
  throw Missing{Verdict::not_applicable, std::move(reason)};
}

std::string bytes(std::int64_t count) {
  const std::string exact = std::to_string(count) + " B";
  if (std::abs(count) < 1024) return exact;
  if (count % (1 << 20) == 0) return std::to_string(count >> 20) + " MiB";
  if (count % 1024 == 0) return std::to_string(count / 1024) + " KiB";
  return exact;
}

std::string count(std::int64_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

Boundary boundary(const Runs& runs, std::string_view where, std::string_view param,
                  std::string_view phase, std::string_view metric) {
  Boundary found{0, INT64_MAX};
  for (const RunView* run : runs.all(where)) {
    const auto at = number_from(run->param(param));
    const auto seen = run->value(phase, metric);
    if (!at || !seen) continue;
    if (*seen > 0) found.first_with = std::min(found.first_with, *at);
    else found.last_without = std::max(found.last_without, *at);
  }
  if (found.first_with == INT64_MAX || found.last_without == 0)
    throw Missing{Verdict::not_testable, "no boundary of " + std::string(param) +
                                             " was found where " + std::string(where)};
  return found;
}

}  // namespace lab::claims
