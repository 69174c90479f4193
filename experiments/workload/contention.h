// What the contention experiments share: two parameters, and the state of each thread. Each runs
// the same loop with the allocator and without (`workload=control`), so that scaling can be told
// relative to what the machine gives to a loop that allocates nothing.
#pragma once

#include "experiments/workload/block_source.h"
#include "experiments/workload/describe.h"
#include "experiments/workload/request_log.h"
#include "experiments/workload/thread_team.h"

namespace lab {

inline constexpr Param kThreadsParam{"threads", "count", "threads that work at the same time",
                                     "2",       "1 2 4", "1 2 4 8"};
inline constexpr Param kWorkloadParam{
    "workload", "token", "with the allocator, or the same loop without", "allocate control"};

// Requests of the allocator: the control makes none.
inline std::int64_t unless_control(const Point& point, std::int64_t requests) {
  return point.is("workload", "control") ? 0 : requests;
}

// The time of `phase` as a multiple of what the control takes with as many threads: a flat line
// scales as the machine does. `bump`, which never frees, is the floor of bookkeeping.
constexpr View against_control(std::string_view title, std::string_view phase,
                               std::string_view x = "threads",
                               std::string_view where = "workload=allocate") {
  return view(title, "wall_ns", In(phase), Over(x), Where(where), RelativeTo("workload=control"));
}

// What one thread keeps to itself: on lines of its own, so that only the allocator can share them.
struct alignas(128) Worker {
  RequestLog log;
  Rng rng{0};
};

class Workers {
 public:
  Workers(Context& lab, std::int64_t count)
      : workers_(lab.scratch_array<Worker>(static_cast<std::size_t>(count))), count_(count) {
    Rng rng = lab.rng();
    for (std::int64_t i = 0; i < count_; ++i) workers_[i].rng = rng.split();
  }

  Worker& operator[](int index) { return workers_[index]; }

  // Tells the running phase what all workers asked for, and what is live. The control asked for
  // nothing.
  void report(Context& lab, const BlockSource& source) {
    for (std::int64_t i = 0; i < count_; ++i) {
      if (source.allocates()) total_.add(workers_[i].log);
      else workers_[i].log = {};
    }
    if (source.allocates()) total_.report(lab);
  }
  // The same for workers that always ask the allocator.
  void report(Context& lab) { report(lab, BlockSource(nullptr, 0)); }

 private:
  Worker* workers_;
  std::int64_t count_;
  RequestLog total_;
};

}  // namespace lab
