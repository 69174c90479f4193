#include "harness/record/environment.h"

#include "harness/sample/host_limits.h"
#include "lab_commit.h"

namespace lab {
namespace {

using Json = nlohmann::ordered_json;

void add_facts(Json& json, Json& nulls, const HostFacts& facts) {
  for (const Fact& fact : facts.all()) {
    if (fact.number) json[fact.name] = *fact.number;
    else if (fact.text) json[fact.name] = *fact.text;
    else {
      json[fact.name] = nullptr;
      nulls[fact.name] = fact.reason;
    }
  }
}

void add_events(Json& json, Json& nulls, const PerfSession& perf) {
  for (const OpenableEvent& event : perf.events()) {
    const auto metric = static_cast<std::size_t>(event.metric);
    json["event_" + std::string(sampled_metrics()[metric].name)] = true;
  }
  for (const auto& [name, reason] : perf.nulls()) {
    const std::string key = "event_" + std::string(name);
    json[key] = nullptr;
    nulls[key] = reason;
  }
}

Json variables_json(std::span<const std::string> variables) {
  Json json = Json::object();
  for (const std::string& variable : variables) {
    const auto equals = variable.find('=');
    if (equals != std::string::npos) json[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return json;
}

constexpr const char* kWall = "session_wall_ns";
constexpr const char* kSteal = "session_steal_ns";

Fact text(const char* name, const char* value) { return {name, std::string(value), {}, {}}; }

}  // namespace

Json environment_json(const HostFacts& host, const PerfSession& perf,
                      std::span<const std::string> variables) {
  Json json = Json::object();
  Json nulls = Json::object();
  add_facts(json, nulls, host);
  add_facts(json, nulls, build_facts());
  add_events(json, nulls, perf);
  json["variables"] = variables_json(variables);
  json["nulls"] = std::move(nulls);
  return json;
}

SessionSpan::SessionSpan(Json& environment)
    : start_(std::chrono::steady_clock::now()), stolen_(steal_fact(kSteal)) {
  for (const char* name : {kWall, kSteal}) {
    environment[name] = nullptr;
    environment["nulls"][name] = "the session has not ended";
  }
}

void SessionSpan::end(Json& environment) const {
  const auto wall = std::chrono::steady_clock::now() - start_;
  const Fact stolen = steal_fact(kSteal);
  environment[kWall] = std::chrono::nanoseconds(wall).count();
  environment["nulls"].erase(kWall);
  if (!stolen.number || !stolen_.number) {
    environment["nulls"][kSteal] = stolen.reason;
    return;
  }
  environment[kSteal] = *stolen.number - *stolen_.number;
  environment["nulls"].erase(kSteal);
}

HostFacts build_facts() {
  constexpr std::string_view commit = LAB_GIT_COMMIT;
  HostFacts facts;
  facts.add(text("compiler", LAB_COMPILER " " __VERSION__));
  facts.add(text("compiler_flags", LAB_COMPILER_FLAGS));
  facts.add(text("build_type", LAB_BUILD_TYPE));
  for (const char* name : {"git_commit", "git_tree"}) {
    const bool is_commit = std::string_view(name) == "git_commit";
    if (commit.empty())
      facts.add(
          {name, {}, {}, "built outside a git tree, or by another user than the tree's owner"});
    else facts.add(text(name, is_commit ? LAB_GIT_COMMIT : LAB_GIT_DIRTY ? "dirty" : "clean"));
  }
  return facts;
}

}  // namespace lab
