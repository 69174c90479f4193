// The control groups this process lives in and the limits they put on its children.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/sample/host.h"

namespace lab {

// Which cgroup holds this process for memory: version 1 or 2, and its path inside the hierarchy.
struct CgroupPlace {
  int version;
  std::string path;
};
// Reads the text of /proc/PID/cgroup. Returns nothing when there is no usable hierarchy.
std::optional<CgroupPlace> cgroup_place(std::string_view text, std::string_view controller);

void add_cgroup(HostFacts& facts);

}  // namespace lab
