// What searches and claims may ask of a finished run: recorded numbers by phase and metric, and the
// case it ran. Read-only; knows nothing of files or processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lab {

class RunView {
 public:
  virtual ~RunView() = default;

  // True when the run ended as its experiment meant it to (status ok).
  virtual bool ok() const = 0;
  // ok, skipped, failed, timeout, oom_killed, invalid; and the reason when not ok.
  virtual std::string_view status() const = 0;
  virtual std::string_view reason() const = 0;

  virtual std::string_view allocator() const = 0;
  // The block it ran in, from 1; runs of one block make a pair. 0 for the probe of a search.
  virtual int block() const = 0;
  // The value of a parameter or of a knob; empty when the case has none of that name.
  virtual std::string_view param(std::string_view name) const = 0;
  virtual std::string_view knob(std::string_view name) const = 0;

  // The recorded value of `metric` in the `occurrence`-th phase called `phase` (0 is the first):
  // gauges at its end, counters across it, peaks within it. Nothing when it was not measured.
  virtual std::optional<std::int64_t> value(std::string_view phase, std::string_view metric,
                                            int occurrence = 0) const = 0;
  // A gauge at the first mark.
  virtual std::optional<std::int64_t> at_start(std::string_view metric) const = 0;
  // How many phases of that name the run went through.
  virtual int occurrences(std::string_view phase) const = 0;

  // A gauge at the end of `phase` less its value at the first mark.
  std::optional<std::int64_t> since_start(std::string_view phase, std::string_view metric,
                                          int occurrence = 0) const {
    const auto end = value(phase, metric, occurrence);
    const auto begin = at_start(metric);
    if (!end || !begin) return std::nullopt;
    return *end - *begin;
  }
};

}  // namespace lab
