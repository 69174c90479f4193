// An adapter: all the lab knows about one allocator, in one file. Needs no headers of the allocator:
// functions are found at run time with symbol(). Knows no experiment.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/contract/metric.h"
#include "harness/contract/registry.h"

namespace lab {

// How a neutral knob becomes an environment variable. In `setting`, {} stands for the value divided
// by `divide_by`, and {0=false|1=true|*} for the text that stands beside the value (* takes any, a
// choice without text passes the value); a value without a choice cannot be expressed. Settings of one variable are joined with `joiner`. Several
// rules of one knob are all applied.
struct KnobRule {
  std::string_view knob;      // "mmap_threshold_bytes"
  std::string_view variable;  // "GLIBC_TUNABLES"
  std::string_view setting;   // "glibc.malloc.mmap_threshold={}"
  std::string_view joiner = ":";
  std::int64_t divide_by = 1;
};

// Where an adapter puts what its allocator says of itself. No allocation.
class StatisticsSink {
 public:
  // `metric` is one of kStatisticsMetrics or of the adapter's own `metrics`.
  virtual void put(std::string_view metric, std::int64_t value) = 0;

 protected:
  ~StatisticsSink() = default;
};

// What the lab runs it for.
enum class AllocatorRole {
  subject,    // programs use it, and claims are made about it
  yardstick,  // a floor or ceiling beside the subjects: nothing is claimed of it
  checker,    // a tool in an allocator's place: runs only where it is named
};

constexpr std::string_view name_of(AllocatorRole role) {
  return role == AllocatorRole::subject     ? "subject"
         : role == AllocatorRole::yardstick ? "yardstick"
                                            : "checker";
}

struct Allocator {
  std::string_view name;
  std::string_view summary;
  // File names or patterns of the preload library in order of preference: "libjemalloc.so.2" is
  // looked up in the system's library folders, a path with '/' may hold '*' and begin with "{build}",
  // the folder of the running lab. Empty: libc itself.
  std::span<const std::string_view> libraries = {};
  std::string_view package = {};  // Debian package that ships it
  std::span<const KnobRule> knobs = {};
  std::span<const Metric> metrics = {};  // statistics beyond kStatisticsMetrics
  AllocatorRole role = AllocatorRole::subject;

  // The following run in the child, with the allocator in force. All may be null.
  // Writes the version as a C string; returns false when the allocator does not tell.
  bool (*version)(char* text, std::size_t capacity) = nullptr;
  // Gives unused memory back. Returns false when the allocator has no such call.
  bool (*release)() = nullptr;
  bool (*statistics)(StatisticsSink& sink) = nullptr;
};

// What allocators say of themselves, under neutral names. Each adapter gives those it can.
inline constexpr Metric kStatisticsMetrics[] = {
    {"allocator_live_bytes", "byte", MetricKind::observed, Better::none, true, BlockingKeys::counts,
     "allocator statistics", "bytes the allocator counts as in use by the program"},
    {"allocator_free_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "allocator statistics",
     "bytes of free blocks kept for reuse (caches, bins, free lists)"},
    {"allocator_retained_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "allocator statistics",
     "whole free pages kept on purpose, resident or not"},
    {"allocator_resident_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "allocator statistics", "bytes the allocator believes are resident"},
    {"allocator_mapped_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "allocator statistics", "bytes obtained from the kernel and not returned"},
    {"allocator_metadata_bytes", "byte", MetricKind::observed, Better::lower, true,
     BlockingKeys::counts, "allocator statistics", "bytes used for the allocator's own records"},
};

// Returns the function called `name` that is in force in this process, or nullptr.
template <class Function>
Function* symbol(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

}  // namespace lab
