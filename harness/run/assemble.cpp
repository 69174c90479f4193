#include "harness/run/assemble.h"

#include <unistd.h>

#include <algorithm>

#include "harness/sample/metric_table.h"

namespace lab {

namespace {

// The metric that an observation's index stands for (see protocol.h).
std::string_view observed_name(std::int32_t index, const Job& job) {
  auto left = static_cast<std::size_t>(index);
  for (const List<Metric> table :
       {List<Metric>(job.experiment->metrics), List<Metric>(kStatisticsMetrics),
        List<Metric>(job.arm->allocator->metrics)}) {
    if (left < table.size()) return table[left].name;
    left -= table.size();
  }
  return {};
}

void put(Values& values, std::string_view name, std::optional<std::int64_t> value) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  if (found != values.end()) found->second = value;
  else values.emplace_back(name, value);
}

void put_observations(Values& values, const Job& job, const protocol::SharedPages& pages,
                      int phase_number) {
  for (std::uint32_t i = 0; i < pages.observation_count; ++i)
    if (const auto& seen = pages.observations[i]; seen.phase_number == phase_number)
      put(values, observed_name(seen.metric, job), seen.value);
}

// What the child said of the phase that the message closes.
void add_declared(Snapshot& phase, const protocol::Message& message) {
  phase.set(index_of("wall_ns"), message.wall_ns);
  phase.set(index_of("cpu_ns"), message.cpu_ns);
  if (message.live_bytes != protocol::kUnknown) {
    phase.set(index_of("live_bytes"), message.live_bytes);
    phase.set(index_of("live_blocks_count"), message.live_blocks);
  }
  phase.set(index_of("allocations_count"), message.allocations);
  phase.set(index_of("frees_count"), message.frees);
  phase.set(index_of("request_checksum"),
            static_cast<std::int64_t>(message.request_checksum & INT64_MAX));
}

Values values_of(const Snapshot& snapshot, bool gauges_only,
                 const std::map<std::string_view, std::string>& nulls) {
  Values values;
  const auto metrics = sampled_metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (gauges_only && metrics[i].kind != MetricKind::gauge) continue;
    const auto value = snapshot.get(static_cast<int>(i));
    if (value || nulls.contains(metrics[i].name)) values.emplace_back(metrics[i].name, value);
  }
  return values;
}

Values ideals_of(const Job& job, std::string_view phase) {
  static const auto page_bytes = static_cast<std::int64_t>(sysconf(_SC_PAGESIZE));
  const auto settings = borrowed(job.params);
  Values values;
  for (const Ideal& ideal : job.experiment->ideals) {
    if (ideal.phase != phase) continue;
    const std::int64_t value = ideal.value(Point(settings), page_bytes);
    if (value != kNoIdeal) values.emplace_back(ideal.metric, value);
  }
  return values;
}

HistogramRecord histogram_record(const protocol::HistogramSlot& slot, const Experiment& experiment) {
  const Histogram& histogram = slot.histogram;
  HistogramRecord record{std::string(experiment.histograms[static_cast<std::size_t>(slot.name)]),
                         slot.index,
                         histogram.count,
                         histogram.sum_ns,
                         histogram.max_ns,
                         {}};
  for (int bucket = 0; bucket < Histogram::kBuckets; ++bucket)
    if (const auto count = histogram.buckets[bucket]; count != 0)
      record.buckets.emplace_back(bucket, count);
  return record;
}

}  // namespace

void assemble(RunRecord& record, const Job& job, std::span<const MarkReading> marks,
              const protocol::SharedPages& pages,
              const std::map<std::string_view, std::string>& nulls) {
  for (const auto& [metric, reason] : nulls) record.nulls.emplace(metric, reason);
  if (!marks.empty()) {
    record.at_start = values_of(marks.front().snapshot, true, nulls);
    put_observations(record.at_start, job, pages, -1);
  }
  for (std::size_t i = 1; i < marks.size(); ++i) {
    const auto begun = static_cast<std::size_t>(marks[i - 1].phase);
    Snapshot phase = phase_between(marks[i - 1].snapshot, marks[i].snapshot);
    add_declared(phase, marks[i].message);
    const std::string name(job.experiment->phases[begun]);
    record.phases.push_back({name, values_of(phase, false, nulls), ideals_of(job, name)});
    put_observations(record.phases.back().metrics, job, pages, static_cast<int>(i) - 1);
  }
  for (std::uint32_t i = 0; i < pages.histogram_count; ++i)
    record.histograms.push_back(histogram_record(pages.histograms[i], *job.experiment));
}

}  // namespace lab
