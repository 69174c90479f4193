#include "harness/sample/host_cgroup.h"

#include <filesystem>

#include "harness/sample/host_files.h"
#include "harness/sample/proc_parsers.h"

namespace lab {
namespace {

bool lists(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const std::string_view one = controllers.substr(0, controllers.find(','));
    if (one == wanted) return true;
    controllers.remove_prefix(std::min(one.size() + 1, controllers.size()));
  }
  return false;
}

// The folder of a cgroup. A container sees its own cgroup as the root of the mount.
std::string folder_of(const std::string& mount, const CgroupPlace& place) {
  const std::string whole = mount + (place.path == "/" ? "" : place.path);
  return std::filesystem::exists(whole) ? whole : mount;
}

// Version 1 writes "no limit" as the largest multiple of a page.
Fact limit_fact(std::string_view name, const std::string& path) {
  constexpr std::int64_t kNoLimit = std::int64_t{1} << 62;
  Fact fact = fact_from_file({name, path});
  if (fact.text == "max" || fact.number.value_or(0) >= kNoLimit)
    return text_fact(name, "unlimited");
  return fact;
}

// Version 1 limits memory and swap together: what swap may use beside a full memory is the
// difference.
Fact swap_limit_v1(const std::string& folder) {
  constexpr std::string_view kName = "cgroup_swap_limit_bytes";
  const Fact both = limit_fact(kName, folder + "/memory.memsw.limit_in_bytes");
  if (!both.number) return both;
  const Fact memory = limit_fact(kName, folder + "/memory.limit_in_bytes");
  if (!memory.number) return missing_fact(kName, "memory and swap are limited together only");
  return number_fact(kName, *both.number - *memory.number);
}

void add_memory_limits(HostFacts& facts, const CgroupPlace& place) {
  const bool v2 = place.version == 2;
  const std::string folder = folder_of(v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", place);
  facts.add(text_fact("cgroup_memory_folder", folder));
  facts.add(limit_fact("cgroup_memory_limit_bytes",
                       folder + (v2 ? "/memory.max" : "/memory.limit_in_bytes")));
  facts.add(v2 ? limit_fact("cgroup_swap_limit_bytes", folder + "/memory.swap.max")
               : swap_limit_v1(folder));
}

void add_cpu_limit(HostFacts& facts, std::string_view text) {
  const auto place = cgroup_place(text, "cpu");
  if (!place) return facts.add(missing_fact("cgroup_cpu_limit", "no cpu controller"));
  const bool v2 = place->version == 2;
  const std::string folder = folder_of(v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu", *place);
  const std::string path = folder + (v2 ? "/cpu.max" : "/cpu.cfs_quota_us");
  const Fact fact = fact_from_file({"cgroup_cpu_limit", path});
  const bool unlimited = fact.number == -1 || (fact.text && fact.text->starts_with("max"));
  facts.add(unlimited ? text_fact("cgroup_cpu_limit", "unlimited") : fact);
}

}  // namespace

// Lines "4:memory:/path" (version 1) and "0::/path" (version 2). A controller bound to a version 1
// hierarchy is not available to version 2.
std::optional<CgroupPlace> cgroup_place(std::string_view text, std::string_view controller) {
  std::optional<CgroupPlace> unified;
  while (auto line = take_line(text)) {
    const auto first = line->find(':');
    const auto second = line->find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line->substr(first + 1, second - first - 1);
    const std::string path(line->substr(second + 1));
    if (lists(controllers, controller)) return CgroupPlace{1, path};
    if (controllers.empty()) unified = CgroupPlace{2, path};
  }
  return unified;
}

void add_cgroup(HostFacts& facts) {
  const auto text = file_text("/proc/self/cgroup").value_or("");
  const auto memory = cgroup_place(text, "memory");
  if (!memory) return facts.add(missing_fact("cgroup_version", "no memory cgroup"));
  facts.add(number_fact("cgroup_version", memory->version));
  add_memory_limits(facts, *memory);
  add_cpu_limit(facts, text);
}

}  // namespace lab
