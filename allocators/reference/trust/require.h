// require(condition, "format", …): when it does not hold, one line on standard error and abort. For
// code that runs in threads, children and fuzz targets alike.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace trust {

// Printed before every finding of this thread: how to repeat the run.
inline thread_local char repeat_hint[160] = "";

template <typename... Values>
void require(bool holds, const char* format, Values... values) {
  if (holds) return;
  std::fprintf(stderr, "%s", repeat_hint);
  if constexpr (sizeof...(values) == 0) std::fputs(format, stderr);
  else std::fprintf(stderr, format, values...);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace trust
