#include "harness/record/run_json.h"

namespace lab {

namespace {

Json to_json(const Values& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values)
    if (value) object[name] = *value;
    else object[name] = nullptr;
  return object;
}

Values values_from(const Json& object) {
  Values values;
  for (const auto& [name, value] : object.items())
    values.emplace_back(name, value.is_null() ? std::optional<std::int64_t>()
                                              : std::optional(value.get<std::int64_t>()));
  return values;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json phases_to_json(const std::vector<PhaseRecord>& phases) {
  Json list = Json::array();
  for (const PhaseRecord& phase : phases)
    list.push_back({{"name", phase.name},
                    {"metrics", to_json(phase.metrics)},
                    {"ideal", to_json(phase.ideal)}});
  return list;
}

Json to_json(const std::optional<SearchProbe>& probe) {
  if (!probe) return nullptr;
  return {{"name", probe->name}, {"step", probe->step}, {"holds", or_null(probe->holds)}};
}

Status status_from(std::string_view name) {
  for (const Status status : {Status::ok, Status::skipped, Status::failed, Status::timeout,
                              Status::oom_killed, Status::invalid})
    if (name_of(status) == name) return status;
  throw std::runtime_error("unknown status " + std::string(name));
}

std::string text_or_empty(const Json& value) { return value.is_null() ? "" : value.get<std::string>(); }

template <class T>
std::optional<T> optional_from(const Json& value) {
  return value.is_null() ? std::optional<T>() : std::optional<T>(value.get<T>());
}

}  // namespace

Json to_json(const Settings& settings) {
  Json object = Json::object();
  for (const auto& [name, value] : settings) object[name] = value;
  return object;
}

Settings settings_from(const Json& object) {
  Settings settings;
  for (const auto& [name, value] : object.items())
    settings.emplace_back(name, value.get<std::string>());
  return settings;
}

std::string to_line(const RunRecord& record) {
  const Json object = {
      {"run", record.run},
      {"case", record.of.id},
      {"experiment", record.of.experiment},
      {"allocator", record.of.allocator},
      {"arm", record.of.arm},
      {"params", to_json(record.of.params)},
      {"knobs", to_json(record.of.knobs)},
      {"block", record.block},
      {"position", record.position},
      {"seed", record.seed},
      {"environment", record.environment},
      {"measure", record.measure},
      {"start", record.start},
      {"duration_ns", record.duration_ns},
      {"status", name_of(record.status)},
      {"reason", record.reason.empty() ? Json(nullptr) : Json(record.reason)},
      {"signal", or_null(record.signal)},
      {"exit_code", or_null(record.exit_code)},
      {"stderr_tail", record.stderr_tail},
      {"serving", record.serving},
      {"variables", record.variables},
      {"search", to_json(record.search)},
      {"at_start", to_json(record.at_start)},
      {"phases", phases_to_json(record.phases)},
      {"nulls", record.nulls},
      {"warnings", record.warnings},
  };
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RunRecord run_from(const Json& object) {
  RunRecord record;
  record.run = object.at("run");
  record.of.id = object.at("case");
  record.of.experiment = object.at("experiment");
  record.of.allocator = object.at("allocator");
  record.of.arm = object.at("arm");
  record.of.params = settings_from(object.at("params"));
  record.of.knobs = settings_from(object.at("knobs"));
  record.block = object.at("block");
  record.position = object.at("position");
  record.seed = object.at("seed");
  record.environment = object.at("environment");
  record.measure = object.at("measure");
  record.start = object.at("start");
  record.duration_ns = object.at("duration_ns");
  record.status = status_from(object.at("status").get<std::string>());
  record.reason = text_or_empty(object.at("reason"));
  record.signal = optional_from<int>(object.at("signal"));
  record.exit_code = optional_from<int>(object.at("exit_code"));
  record.stderr_tail = object.at("stderr_tail");
  record.serving = object.at("serving").get<std::map<std::string, std::string>>();
  record.variables = object.at("variables").get<std::map<std::string, std::string>>();
  if (const Json& probe = object.at("search"); !probe.is_null())
    record.search = SearchProbe{probe.at("name"), probe.at("step"),
                                optional_from<bool>(probe.at("holds"))};
  record.at_start = values_from(object.at("at_start"));
  for (const Json& phase : object.at("phases"))
    record.phases.push_back({phase.at("name"), values_from(phase.at("metrics")),
                             values_from(phase.at("ideal"))});
  record.nulls = object.at("nulls").get<std::map<std::string, std::string>>();
  record.warnings = object.at("warnings").get<std::vector<std::string>>();
  return record;
}

}  // namespace lab
