// Short forms for rows of the metric tables. Rows say name, source and meaning; the form says the
// rest. `Exact` marks values that repeat exactly with ASLR off and one thread.
#pragma once

#include <string_view>

#include "harness/contract/metric.h"

namespace lab::rows {

using Text = std::string_view;

enum class Exact { no, yes };

consteval Metric row(Text name, Text unit, MetricKind kind, Better better, Exact exact, Text source,
                     Text meaning) {
  const bool timed = unit == "ns";
  return {name,
          unit,
          kind,
          better,
          exact == Exact::yes,
          timed ? BlockingKeys::times : BlockingKeys::counts,
          source,
          meaning};
}

// Bytes held at a mark; fewer are better.
consteval Metric bytes(Text name, Exact exact, Text source, Text meaning) {
  return row(name, "byte", MetricKind::gauge, Better::lower, exact, source, meaning);
}

// Bytes held at a mark, neither good nor bad.
consteval Metric level(Text name, Text source, Text meaning) {
  return row(name, "byte", MetricKind::gauge, Better::none, Exact::no, source, meaning);
}

// Something held at a mark that is counted.
consteval Metric held(Text name, Exact exact, Text source, Text meaning) {
  return row(name, "count", MetricKind::gauge, Better::none, exact, source, meaning);
}

// Events across a phase; fewer are better.
consteval Metric events(Text name, Exact exact, Text source, Text meaning) {
  return row(name, "count", MetricKind::counter, Better::lower, exact, source, meaning);
}

// Bytes moved across a phase.
consteval Metric moved(Text name, Exact exact, Text source, Text meaning) {
  return row(name, "byte", MetricKind::counter, Better::lower, exact, source, meaning);
}

// Time across a phase.
consteval Metric time(Text name, Text source, Text meaning) {
  return row(name, "ns", MetricKind::counter, Better::lower, Exact::no, source, meaning);
}

consteval Metric address(Text name, Text source, Text meaning) {
  return row(name, "address", MetricKind::gauge, Better::none, Exact::yes, source, meaning);
}

// A cost that depends on the processor: compared as times are.
consteval Metric cost(Text name, Text source, Text meaning) {
  Metric metric = events(name, Exact::no, source, meaning);
  metric.blocking = BlockingKeys::times;
  return metric;
}

}  // namespace lab::rows
