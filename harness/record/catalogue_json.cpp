#include "harness/record/catalogue_json.h"

#include "harness/sample/metric_table.h"

namespace lab {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json to_json(const View& view) {
  if (view.metric.empty()) return nullptr;
  return {{"title", view.title},
          {"metric", view.metric},
          {"phase", or_null(view.phase)},
          {"x", view.x},
          {"series", view.series},
          {"facet", or_null(view.facet)},
          {"where", or_null(view.where)},
          {"since_start", view.since_start},
          {"relative_to", or_null(view.relative_to)}};
}

// The first picture answers the question; its numbers are the table unless another one is declared.
View table_of(const Experiment& experiment) {
  if (!experiment.table.metric.empty() || experiment.plots.empty()) return experiment.table;
  View table = experiment.plots[0];
  table.metric = table.metric.substr(0, table.metric.find(' '));
  return table;
}

Json to_json(List<Param> axes) {
  Json list = Json::array();
  for (const Param& axis : axes)
    list.push_back({{"name", axis.name}, {"unit", axis.unit}, {"meaning", axis.meaning}});
  return list;
}

Json to_json(List<std::string_view> names) {
  Json list = Json::array();
  for (const auto name : names) list.push_back(name);
  return list;
}

// The phases and metrics whose ideal is exact: what a known answer exists for.
Json exact_of(List<Ideal> ideals) {
  Json list = Json::array();
  for (const Ideal& ideal : ideals)
    if (ideal.exact) list.push_back({{"phase", ideal.phase}, {"metric", ideal.metric}});
  return list;
}

std::string_view name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::gauge:
      return "gauge";
    case MetricKind::counter:
      return "counter";
    case MetricKind::peak:
      return "peak";
    case MetricKind::observed:
      return "observed";
  }
  return "observed";
}

std::string_view name_of(Better better) {
  return better == Better::lower ? "lower" : better == Better::higher ? "higher" : "none";
}

void add(Json& registry, List<Metric> metrics) {
  for (const Metric& metric : metrics)
    registry[std::string(metric.name)] = {
        {"unit", metric.unit},
        {"kind", name_of(metric.kind)},
        {"better", name_of(metric.better)},
        {"deterministic", metric.deterministic},
        {"blocking", metric.blocking == BlockingKeys::counts ? "counts" : "times"},
        {"source", metric.source},
        {"meaning", metric.meaning}};
}

}  // namespace

Json to_json(const Experiment& experiment) {
  Json plots = Json::array();
  for (const View& view : experiment.plots) plots.push_back(to_json(view));
  Json searches = Json::array();
  for (const Search& search : experiment.searches)
    searches.push_back({{"name", search.name}, {"title", or_null(search.title)}});
  return {{"name", experiment.name},
          {"family", experiment.family},
          {"question", experiment.question},
          {"method", experiment.method},
          {"phases", to_json(experiment.phases)},
          {"params", to_json(experiment.params)},
          {"knobs", to_json(experiment.knobs)},
          {"plots", plots},
          {"table", to_json(table_of(experiment))},
          {"searches", searches},
          {"claims", to_json(experiment.claims)},
          {"histograms", to_json(experiment.histograms)},
          {"exact", exact_of(experiment.ideals)}};
}

Json metric_registry(std::span<const Experiment* const> experiments,
                     std::span<const Allocator* const> allocators) {
  Json registry = Json::object();
  add(registry, sampled_metrics());
  add(registry, kStatisticsMetrics);
  for (const Allocator* allocator : allocators) add(registry, allocator->metrics);
  for (const Experiment* experiment : experiments) add(registry, experiment->metrics);
  return registry;
}

}  // namespace lab
