// A run made of numbers written in a test: the fixtures of claims.
//
//   FakeRun run("glibc");
//   run.param("block_bytes", "1MiB").start("rss_anon_bytes", 4096);
//   run.phase("touch").set("rss_anon_bytes", 98304).set("minor_faults_count", 22);
//   const Finding finding = judge(evidence_of({&run}));
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/contract/claim.h"

namespace lab::testing {

class FakeRun final : public RunView {
 public:
  explicit FakeRun(std::string allocator = "glibc") : allocator_(std::move(allocator)) {}

  FakeRun& status(std::string value, std::string reason = "") {
    status_ = std::move(value);
    reason_ = std::move(reason);
    return *this;
  }
  FakeRun& in_block(int number) {
    block_ = number;
    return *this;
  }
  FakeRun& param(std::string name, std::string value) {
    params_[std::move(name)] = std::move(value);
    return *this;
  }
  FakeRun& knob(std::string name, std::string value) {
    knobs_[std::move(name)] = std::move(value);
    return *this;
  }
  FakeRun& start(std::string metric, std::int64_t value) {
    start_[std::move(metric)] = value;
    return *this;
  }
  // Begins a phase; values set from here on belong to it.
  FakeRun& phase(std::string name) {
    phases_.push_back({std::move(name), {}});
    return *this;
  }
  FakeRun& set(std::string metric, std::int64_t value) {
    phases_.back().second[std::move(metric)] = value;
    return *this;
  }

  bool ok() const override { return status_ == "ok"; }
  std::string_view status() const override { return status_; }
  std::string_view reason() const override { return reason_; }
  std::string_view allocator() const override { return allocator_; }
  int block() const override { return block_; }
  std::string_view param(std::string_view name) const override { return text(params_, name); }
  std::string_view knob(std::string_view name) const override { return text(knobs_, name); }

  std::optional<std::int64_t> value(std::string_view phase, std::string_view metric,
                                    int occurrence) const override {
    for (const auto& [name, metrics] : phases_)
      if (name == phase && occurrence-- == 0) return number(metrics, metric);
    return std::nullopt;
  }
  std::optional<std::int64_t> at_start(std::string_view metric) const override {
    return number(start_, metric);
  }
  int occurrences(std::string_view phase) const override {
    int count = 0;
    for (const auto& entry : phases_) count += entry.first == phase ? 1 : 0;
    return count;
  }

 private:
  using Texts = std::map<std::string, std::string, std::less<>>;
  using Numbers = std::map<std::string, std::int64_t, std::less<>>;

  static std::string_view text(const Texts& texts, std::string_view name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string_view() : found->second;
  }
  static std::optional<std::int64_t> number(const Numbers& numbers, std::string_view name) {
    const auto found = numbers.find(name);
    if (found == numbers.end()) return std::nullopt;
    return found->second;
  }

  std::string allocator_;
  std::string status_ = "ok";
  std::string reason_;
  int block_ = 1;
  Texts params_;
  Texts knobs_;
  Numbers start_;
  std::vector<std::pair<std::string, Numbers>> phases_;
};

// Evidence for one call: keep the returned vector alive while the judge runs.
inline std::vector<const RunView*> evidence_of(std::initializer_list<const RunView*> runs) {
  return runs;
}

inline std::vector<const RunView*> pointers_to(const std::vector<FakeRun>& runs) {
  std::vector<const RunView*> pointers;
  for (const FakeRun& run : runs) pointers.push_back(&run);
  return pointers;
}

// Returns the judge of "id/part" from the registry of claims.
inline const Predicate* find_predicate(std::string_view id, std::string_view part) {
  const Claim* claim = find_registered<Claim>(id);
  if (claim == nullptr) return nullptr;
  for (const Predicate& predicate : claim->predicates)
    if (predicate.part == part) return &predicate;
  return nullptr;
}

}  // namespace lab::testing
