#include "harness/record/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/record/bad_input.h"
#include "harness/record/run_json.h"

namespace lab {

namespace {

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
std::string text_or_empty(const Json& value) { return value.is_null() ? "" : value.get<std::string>(); }

Json case_json(const Case& planned) {
  return {{"id", planned.id},   {"experiment", planned.experiment}, {"allocator", planned.allocator},
          {"arm", planned.arm}, {"params", to_json(planned.params)}, {"knobs", to_json(planned.knobs)}};
}

Case case_from(const Json& object) {
  return {object.at("id"),        object.at("experiment"),
          object.at("allocator"), object.at("arm"),
          settings_from(object.at("params")), settings_from(object.at("knobs"))};
}

Json cases_json(const std::vector<Case>& cases) {
  Json list = Json::array();
  for (const Case& planned : cases) list.push_back(case_json(planned));
  return list;
}

std::vector<Case> cases_from(const Json& list) {
  std::vector<Case> cases;
  for (const Json& object : list) cases.push_back(case_from(object));
  return cases;
}

Json search_json(const PlannedSearch& search) {
  return {{"experiment", search.experiment}, {"name", search.name}, {"param", search.param},
          {"low", search.low},               {"high", search.high}, {"step", search.step},
          {"cases", cases_json(search.cases)}};
}

PlannedSearch search_from(const Json& object) {
  return {object.at("experiment"), object.at("name"), object.at("param"), object.at("low"),
          object.at("high"),       object.at("step"), cases_from(object.at("cases"))};
}

Json plan_json(const Plan& plan) {
  Json searches = Json::array();
  for (const PlannedSearch& search : plan.searches) searches.push_back(search_json(search));
  Json extensions = Json::array();
  for (const Extension& extension : plan.extensions)
    extensions.push_back(
        {{"at", extension.at}, {"blocks", extension.blocks}, {"reason", extension.reason}});
  return {{"id", plan.id()},
          {"blocks", plan.blocks},
          {"shard", {{"index", plan.shard.index}, {"count", plan.shard.count}}},
          {"cases", cases_json(plan.cases)},
          {"searches", searches},
          {"extensions", extensions}};
}

Plan plan_from(const Json& object, std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  plan.blocks = object.at("blocks");
  plan.shard = {object.at("shard").at("index"), object.at("shard").at("count")};
  plan.cases = cases_from(object.at("cases"));
  for (const Json& search : object.at("searches")) plan.searches.push_back(search_from(search));
  for (const Json& extension : object.at("extensions"))
    plan.extensions.push_back(
        {extension.at("at"), extension.at("blocks"), extension.at("reason")});
  if (plan.id() != object.at("id").get<std::string>())
    throw std::runtime_error("plan.id does not belong to the plan: the file was changed");
  return plan;
}

Json allocator_json(const AllocatorRecord& allocator) {
  return {{"arm", allocator.arm},
          {"name", allocator.name},
          {"summary", allocator.summary},
          {"package", or_null(allocator.package)},
          {"available", allocator.available},
          {"reason", or_null(allocator.reason)},
          {"path", or_null(allocator.path)},
          {"sha256", or_null(allocator.sha256)},
          {"version", or_null(allocator.version)},
          {"origin", or_null(allocator.origin)},
          {"knobs", allocator.knobs},
          {"role", allocator.role}};
}

AllocatorRecord allocator_from(const Json& object) {
  const auto text = [&](const char* key) { return text_or_empty(object.at(key)); };
  return {text("arm"),    text("name"),    text("summary"), text("package"), object.at("available"),
          text("reason"), text("path"),    text("sha256"),  text("version"), text("origin"),
          object.at("knobs"), object.value("role", "subject")};
}

Json limit_json(std::int64_t bytes) { return bytes < 0 ? Json(nullptr) : Json(bytes); }
std::int64_t limit_from(const Json& value) { return value.is_null() ? -1 : value.get<std::int64_t>(); }

Json execution_json(const Execution& execution) {
  return {{"timeout_ms", execution.timeout_ms},
          {"timeline_ms", execution.timeline_ms},
          {"cpus", or_null(execution.cpus)},
          {"memory_limit_bytes", limit_json(execution.memory_limit_bytes)},
          {"swap_limit_bytes", limit_json(execution.swap_limit_bytes)}};
}

Execution execution_from(const Json& object) {
  return {object.at("timeout_ms"), object.at("timeline_ms"), text_or_empty(object.at("cpus")),
          limit_from(object.at("memory_limit_bytes")), limit_from(object.at("swap_limit_bytes"))};
}

Json manifest_json(const Manifest& manifest) {
  Json allocators = Json::array();
  for (const AllocatorRecord& allocator : manifest.allocators)
    allocators.push_back(allocator_json(allocator));
  return {{"schema_version", kSchemaVersion},
          {"lab_version", LAB_VERSION},
          {"created", manifest.created},
          {"command_line", manifest.command_line},
          {"seed", manifest.plan.seed},
          {"profile", manifest.profile},
          {"measure", manifest.measure},
          {"execution", execution_json(manifest.execution)},
          {"plan", plan_json(manifest.plan)},
          {"experiments", manifest.experiments},
          {"allocators", allocators},
          {"metrics", manifest.metrics},
          {"environments", manifest.environments},
          {"claims", manifest.claims},
          {"ended", or_null(manifest.ended)},
          {"outcome", manifest.outcome}};
}

Manifest manifest_from(const Json& object) {
  if (object.at("schema_version") != kSchemaVersion)
    throw std::runtime_error("schema_version is " + object.at("schema_version").dump() +
                             ", this lab reads " + std::to_string(kSchemaVersion));
  Manifest manifest;
  manifest.created = object.at("created");
  manifest.command_line = object.at("command_line").get<std::vector<std::string>>();
  manifest.profile = object.at("profile");
  manifest.measure = object.at("measure");
  if (object.contains("execution")) manifest.execution = execution_from(object.at("execution"));
  manifest.plan = plan_from(object.at("plan"), object.at("seed"));
  for (const Json& allocator : object.at("allocators"))
    manifest.allocators.push_back(allocator_from(allocator));
  manifest.experiments = object.at("experiments");
  manifest.metrics = object.at("metrics");
  manifest.environments = object.at("environments");
  manifest.claims = object.at("claims");
  manifest.ended = text_or_empty(object.at("ended"));
  manifest.outcome = object.at("outcome");
  return manifest;
}

}  // namespace

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest) {
  const auto file = folder / "manifest.json";
  const auto fresh = folder / "manifest.json.new";
  const auto text = manifest_json(manifest).dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written = fd >= 0 &&
                       write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(fd) == 0;
  const int cause = errno;
  if (fd >= 0) close(fd);
  if (!written || rename(fresh.c_str(), file.c_str()) != 0)
    throw ResultLost("writing " + file.string() + ": " + strerror(written ? errno : cause));
}

Manifest read_manifest(const std::filesystem::path& folder) {
  const auto file = folder / "manifest.json";
  std::ifstream stream(file);
  if (!stream)
    throw BadInput("cannot read " + file.string() + ": " + strerror(errno) +
                   "; is this the folder of a result?");
  try {
    return manifest_from(Json::parse(stream));
  } catch (const std::exception& error) {
    throw BadInput(file.string() + " is not a manifest: " + error.what());
  }
}

}  // namespace lab
