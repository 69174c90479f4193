// One run as data: what the journal stores. Filled by the runner, written by journal.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/contract/run_view.h"
#include "harness/record/plan.h"

namespace lab {

enum class Status { ok, skipped, failed, timeout, oom_killed, invalid };
std::string_view name_of(Status status);

// Metric name to value. Names point into the constant metric tables, or into the owning record.
using Values = std::vector<std::pair<std::string, std::optional<std::int64_t>>>;

struct PhaseRecord {
  std::string name;
  Values metrics;
  Values ideal;
};

struct SearchProbe {
  std::string name;
  int step = 0;
  std::optional<bool> holds;
};

// A named histogram of one run: bucket number to count, only the filled ones.
struct HistogramRecord {
  std::string name;
  int index = 0;
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
  std::uint64_t max_ns = 0;
  std::vector<std::pair<int, std::uint64_t>> buckets;
};

struct RunRecord {
  std::string run;
  Case of;
  int block = 0;  // from 1; 0 for the probes of a search
  int position = 0;
  std::uint64_t seed = 0;
  std::string environment;
  std::string measure;
  std::string start;
  std::int64_t duration_ns = 0;
  Status status = Status::ok;
  std::string reason;
  std::optional<int> signal;
  std::optional<int> exit_code;
  std::string stderr_tail;
  std::string allocator_version;  // what the allocator said of itself; goes to the manifest
  std::map<std::string, std::string> serving;
  std::map<std::string, std::string> variables;
  std::optional<SearchProbe> search;
  Values at_start;
  std::vector<PhaseRecord> phases;
  std::map<std::string, std::string> nulls;
  std::vector<HistogramRecord> histograms;  // written to the run's sidecar
  std::vector<std::string> warnings;
};

// The view that searches and claims get of a record. Borrows the record.
class RecordView final : public RunView {
 public:
  explicit RecordView(const RunRecord& record) : record_(record) {}
  bool ok() const override { return record_.status == Status::ok; }
  std::string_view status() const override { return name_of(record_.status); }
  std::string_view reason() const override { return record_.reason; }
  std::string_view allocator() const override { return record_.of.allocator; }
  int block() const override { return record_.block; }
  std::string_view param(std::string_view name) const override {
    return value_of(record_.of.params, name);
  }
  std::string_view knob(std::string_view name) const override {
    return value_of(record_.of.knobs, name);
  }
  std::optional<std::int64_t> value(std::string_view phase, std::string_view metric,
                                    int occurrence = 0) const override;
  std::optional<std::int64_t> at_start(std::string_view metric) const override;
  int occurrences(std::string_view phase) const override;

 private:
  const RunRecord& record_;
};

}  // namespace lab
