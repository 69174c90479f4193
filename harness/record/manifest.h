// manifest.json: the plan and everything that holds for all runs of a result. Written by rename, so
// that a reader always finds a whole one.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/record/plan.h"

namespace lab {

inline constexpr int kSchemaVersion = 1;

// One arm's allocator as the manifest describes it. Empty texts become null.
struct AllocatorRecord {
  std::string arm, name, summary, package;
  bool available = false;
  std::string reason, path, sha256, version, origin;
  std::vector<std::string> knobs;
  std::string role = "subject";  // subject, yardstick or checker
};

// How runs are executed, equal for all of them: who continues a result continues with these.
struct Execution {
  std::int64_t timeout_ms = 60'000;
  std::int64_t timeline_ms = 0;           // 0: off
  std::string cpus;                       // "0,1"; empty: not pinned
  std::int64_t memory_limit_bytes = -1;   // negative: no limit
  std::int64_t swap_limit_bytes = -1;
};

struct Manifest {
  std::string created;
  std::vector<std::string> command_line;
  std::string profile;
  std::string measure;
  Execution execution;
  Plan plan;
  std::vector<AllocatorRecord> allocators;
  nlohmann::ordered_json experiments = nlohmann::ordered_json::array();
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
  nlohmann::ordered_json environments = nlohmann::ordered_json::object();
  nlohmann::ordered_json claims = nlohmann::ordered_json::array();
  std::string ended;  // empty while running
  std::string outcome = "running";
};

// Throws ResultLost when the file cannot be replaced; the old one stays.
void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

// Throws BadInput that names the file and the cause: missing, not JSON, another schema version.
Manifest read_manifest(const std::filesystem::path& folder);

}  // namespace lab
