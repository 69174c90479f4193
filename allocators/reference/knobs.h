// Knobs: what a user may change, read once from the environment before the first block. README.md
// lists them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reference {

enum class Source : std::uint8_t { mmap, brk };

// A purge delay counts milliseconds or ticks; a tick is one span taken from or given to the span
// heap.
enum class Clock : std::uint8_t { milliseconds, ticks };

struct Knobs {
  static constexpr std::uint64_t kNever = UINT64_MAX;

  std::size_t mmap_threshold_bytes =
      1 << 20;                        // blocks of at least this size get a mapping of their own
  bool mmap_threshold_adapts = true;  // freeing such a block raises the threshold to its size
  std::size_t trim_threshold_bytes = 1 << 20;  // free memory that is kept however old it is
  std::uint64_t purge_delay = 1000;  // age at which memory past the trim threshold is given back
  Clock purge_clock = Clock::milliseconds;
  std::size_t thread_cache_bytes = 1 << 20;  // free spans one thread may keep; bounds its bins too
  Source source = Source::mmap;              // where segments come from
  bool huge_pages = false;                   // advise the kernel to use huge pages
  int check_level = 0;                       // 0 off, 1 cheap checks, 2 full checks
};

// Never changes after the first block, except in tests and for the adaptive threshold.
extern Knobs knobs;

// Applies every "ALLOCLAB_NAME=value" of a null-terminated environment to `into`. A bad value is
// reported on standard error and ignored. Never allocates.
void read_knobs(char** environment, Knobs& into);

// Reads the process environment into `knobs`.
void load_knobs();

}  // namespace reference
