// What the parent and the measured process say to each other: fixed-size messages over a socket, and
// pages shared through a memfd for what does not fit. Both sides are built together; there is no
// version. No allocation, no pointers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/contract/histogram.h"

namespace lab::protocol {

// Inherited file descriptors of the launcher and the child.
inline constexpr int kSocketFd = 3;
inline constexpr int kPagesFd = 4;

enum class Kind : std::uint32_t {
  ready,  // launcher: limits are set, waiting for the parent to open its events
  hello,  // child: the proof is in the shared pages
  mark,   // child: a phase begins (and the previous one ends)
  done,   // child: the body has returned and the last phase is closed
  skip,   // child or launcher: cannot run here, the reason is in the shared pages
  fail,   // child or launcher: broken, the reason is in the shared pages
  go      // parent: continue
};

// The phase number of a message that closes the last phase.
inline constexpr std::int32_t kEnd = -1;

struct Message {
  Kind kind;
  std::int32_t phase;  // index into Experiment::phases of the phase that begins, or kEnd
  // Clocks of the phase that ends here, without the cost of the marks around it.
  std::int64_t wall_ns;
  std::int64_t cpu_ns;
  // What the body declared during the phase that ends here.
  std::int64_t live_bytes;  // kUnknown when never declared
  std::int64_t live_blocks;
  std::int64_t allocations;
  std::int64_t frees;
  std::uint64_t request_checksum;
};

inline constexpr std::int64_t kUnknown = INT64_MIN;

struct Observation {
  std::int32_t phase_number;  // counts the marks: 0 is the phase the first mark began
  std::int32_t metric;        // index into experiment metrics, then kStatisticsMetrics, then adapter's
  std::int64_t value;
};

struct HistogramSlot {
  std::int32_t name;  // index into Experiment::histograms
  std::int32_t index;
  Histogram histogram;
};

// The functions whose server the child proves, in the order of SharedPages::serving.
inline constexpr const char* kProvenFunctions[] = {"malloc", "free", "calloc", "realloc",
                                                   "posix_memalign"};
inline constexpr std::size_t kProvenCount = sizeof kProvenFunctions / sizeof *kProvenFunctions;
inline constexpr std::size_t kMaxObservations = 8192;
inline constexpr std::size_t kMaxHistograms = 64;

struct SharedPages {
  char reason[512];                 // why skip or fail
  char warning[512];                // what did not work but does not spoil the run
  char serving[kProvenCount][512];  // path of the object that serves each proven function
  char version[128];                // what the allocator says of itself
  std::int32_t secure;              // 1: AT_SECURE is set, the loader ignored LD_PRELOAD
  std::uint32_t observation_count;
  std::uint32_t histogram_count;
  Observation observations[kMaxObservations];
  HistogramSlot histograms[kMaxHistograms];
};

}  // namespace lab::protocol
