// The folder of one result: made before the first run, so that what cannot be written is known early.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace lab {

// Returns `out`, or results/STAMP-NAME below the current folder when `out` is empty; makes it.
// Throws BadInput when it cannot be made or written, holds a result already, or when the file
// system has less room than `expected_bytes`.
std::filesystem::path make_result_folder(const std::filesystem::path& out, const std::string& name,
                                         const std::string& stamp, std::uint64_t expected_bytes);

// Points results/latest at `folder` when that lies in a folder called results.
void point_latest_at(const std::filesystem::path& folder);

// Appends one line to the series file of a run.
void append_series(const std::filesystem::path& folder, const std::string& run,
                   const std::string& line);

}  // namespace lab
