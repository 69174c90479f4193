// A swap file made for one run and removed after it. Never touches swap it did not make. Needs root;
// what is refused is said by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

class SwapFile {
 public:
  SwapFile() = default;
  ~SwapFile();
  SwapFile(const SwapFile&) = delete;
  SwapFile& operator=(const SwapFile&) = delete;

  // Makes and enables it. Returns an empty text, or what is missing.
  std::string enable(std::int64_t bytes);

 private:
  std::string path_;
};

// At start: disables and removes swap files left by an alloclab that was killed. Returns what was found.
std::vector<std::string> remove_left_swap_files();

}  // namespace lab
