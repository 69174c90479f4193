// Finds the ids of the kernel's tracepoints. Where tracefs is not mounted but may be, mounts it
// detached: visible to this process alone and gone with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/sample/file_descriptor.h"

namespace lab {

class Tracefs {
 public:
  Tracefs();

  // True when tracepoints can be looked up.
  explicit operator bool() const { return static_cast<bool>(folder_); }
  // Where it was found: a folder, or "mounted for this process".
  const std::string& place() const { return place_; }
  // Why tracepoints cannot be looked up, with the command that would change it.
  const std::string& problem() const { return problem_; }

  // Returns the id of "group:name", or nothing when this kernel has no such tracepoint.
  std::optional<std::uint64_t> id(std::string_view tracepoint) const;

 private:
  FileDescriptor folder_;
  std::string place_;
  std::string problem_;
};

}  // namespace lab
