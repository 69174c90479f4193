// Where the dynamic loader looks for a library: LD_LIBRARY_PATH, its own folders and its cache.
// Pure file reading; loads nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lab {

// Returns the folders the loader searches for this program, in its order.
std::vector<std::string> loader_folders();

// Returns the paths that a loader cache (the bytes of /etc/ld.so.cache) gives for `name`, in its
// order. Returns nothing for a cache in another format.
std::vector<std::string> cached_paths(std::string_view cache, std::string_view name);

// True when `path` is an ELF file for this machine and word size.
bool is_native_elf(const std::string& path);

// Returns every native file that the loader could mean by `name`, best first.
std::vector<std::string> loader_candidates(const std::string& name);

}  // namespace lab
