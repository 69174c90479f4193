#include "harness/record/run_record.h"

namespace lab {

namespace {

std::optional<std::int64_t> find(const Values& values, std::string_view metric) {
  for (const auto& [name, value] : values)
    if (name == metric) return value;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::skipped: return "skipped";
    case Status::failed: return "failed";
    case Status::timeout: return "timeout";
    case Status::oom_killed: return "oom_killed";
    case Status::invalid: return "invalid";
  }
  return "failed";
}

std::optional<std::int64_t> RecordView::value(std::string_view phase, std::string_view metric,
                                              int occurrence) const {
  for (const PhaseRecord& record : record_.phases)
    if (record.name == phase && occurrence-- == 0) return find(record.metrics, metric);
  return std::nullopt;
}

std::optional<std::int64_t> RecordView::at_start(std::string_view metric) const {
  return find(record_.at_start, metric);
}

int RecordView::occurrences(std::string_view phase) const {
  int count = 0;
  for (const PhaseRecord& record : record_.phases) count += record.name == phase;
  return count;
}

}  // namespace lab
