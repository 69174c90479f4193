// Keeps what a measured process starts from outliving its run: a cgroup per slot where permitted (it
// also counts OOM kills and carries limits), otherwise the parent adopts orphans and finds them
// among its children. Nothing is touched that this program did not make.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

// A memory cgroup of our own, empty between runs. Either version; absent where not permitted.
class RunCgroup {
 public:
  // `slot` makes the name unique within this process.
  explicit RunCgroup(int slot);
  ~RunCgroup();
  RunCgroup(const RunCgroup&) = delete;
  RunCgroup& operator=(const RunCgroup&) = delete;

  bool available() const { return !directory_.empty(); }
  const std::string& directory() const { return directory_; }
  const std::string& why_not() const { return why_not_; }

  // Limits memory and swap in bytes; negative: no limit. Returns an empty text or what was refused.
  std::string limit(std::int64_t memory_bytes, std::int64_t swap_bytes);
  // Makes the group anew, so that the next run sees nothing of this one: no limit, peak or count.
  // Requires: no members.
  void renew();

  // How many processes the kernel has killed in this cgroup for want of memory since it was made.
  std::int64_t oom_kills() const;
  std::vector<pid_t> members() const;

 private:
  void unlimit();

  bool v2_ = false;
  std::string directory_;
  std::string why_not_;
};

// Kills `pids` and waits for those that are our children. Returns "name (pid)" of each that lived.
std::vector<std::string> kill_strays(const std::vector<pid_t>& pids);

// Makes this process the reaper of orphaned descendants.
void adopt_orphans();
// Our children that are none of `known`.
std::vector<pid_t> unknown_children(const std::vector<pid_t>& known);

// At start: ends processes and removes cgroups left by an alloclab that was killed. Returns what was
// found, in words.
std::vector<std::string> clean_up_after_killed_parents();

}  // namespace lab
