// A run record as one line of strict JSON, and back.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/record/run_record.h"

namespace lab {

using Json = nlohmann::ordered_json;

Json to_json(const Settings& settings);
Settings settings_from(const Json& object);

// Returns one line without the newline. Text that is not UTF-8 is replaced, never refused: a child
// may print anything.
std::string to_line(const RunRecord& record);

// Requires a whole, valid line. Throws nlohmann::json::exception otherwise. Histograms live in sidecars
// and are not read back.
RunRecord run_from(const Json& object);

}  // namespace lab
