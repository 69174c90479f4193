// The folder of one result: made before the first run, so that what cannot be written is known early.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/sample/file_descriptor.h"

namespace lab {

// Returns `out`, or results/STAMP-NAME below the current folder when `out` is empty; makes it.
// Throws BadInput when it cannot be made or written, holds a result already, or when the file
// system has less room than `expected_bytes`; nothing is left behind then.
std::filesystem::path make_result_folder(const std::filesystem::path& out, const std::string& name,
                                         const std::string& stamp, std::uint64_t expected_bytes);

// Keeps other invocations from writing into the result `folder` while the descriptor is open. `begin` makes
// the journal. Throws BadInput when another one is writing; a file system without locks locks nothing.
FileDescriptor claim_result(const std::filesystem::path& folder, bool begin);

// Points results/latest at `folder` when that lies in a folder called results.
void point_latest_at(const std::filesystem::path& folder);

// Writes the series file of a run, in place of one that an interrupted invocation left under this
// name. Throws ResultLost when it could not be written whole.
void write_series(const std::filesystem::path& folder, const std::string& run,
                  const std::vector<std::string>& lines);

}  // namespace lab
