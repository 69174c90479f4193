// Where an allocator's library is, what it is, and how its knobs become environment variables.
// Runs in the parent and looks at files only: it never loads the library.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/contract/allocator.h"
#include "harness/contract/point.h"

namespace lab {

struct ResolvedLibrary {
  bool available = false;
  bool preload = true;             // false: part of every process already (libc)
  bool own = false;                // built with the lab
  std::string path = {};           // resolved, absolute; empty when not found
  std::string reason = {};         // why it is not available and which package brings it
  std::string sha256 = {};         // of the file at `path`; empty when it cannot be read
  std::string origin = {};         // "Debian libjemalloc2 5.3.0-1", "built with the lab"; or empty
  std::string origin_reason = {};  // why `origin` is unknown
};

// Returns where `allocator`'s library is: names are looked up as the dynamic loader would, patterns
// are expanded, symbolic links followed; only files for this machine count. An `override_path` is
// taken as given, even when it does not exist: the child's proof then speaks. In a pattern,
// "{build}" stands for the folder of the running program. Leaves sha256 and origin to `identify`.
ResolvedLibrary find_library(const Allocator& allocator, std::string_view override_path = {});

// Fills in sha256 and origin of a library that is there (about 0.1 s, once per file and process).
void identify(ResolvedLibrary& library);

using EnvironmentPairs = std::vector<std::pair<std::string, std::string>>;

// Returns the variables that put `knobs` in force, settings of one variable joined. The value
// `absent` passes nothing. A knob, or a value, that the allocator cannot express is named in
// `unsupported` ("purge_delay_ms=50 is not supported by tcmalloc") and nothing is returned.
EnvironmentPairs knob_environment(const Allocator& allocator, std::span<const Setting> knobs,
                                  std::string* unsupported);

}  // namespace lab
