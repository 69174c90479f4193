// Churn: random blocks make room for new ones while the live bytes stay at a target. The next size
// is drawn first, then blocks are dropped until it fits, so the target is never exceeded. Sizes are
// cut to a sixteenth of the target, or one block could replace all others.
#pragma once

#include <algorithm>

#include "experiments/workload/live_set.h"
#include "experiments/workload/size_distribution.h"

namespace lab {

class Churn {
 public:
  // Requires: before the first mark, and a mean size of at least 16 bytes.
  Churn(Context& lab, std::int64_t live_bytes)
      : live_(lab, static_cast<std::size_t>(live_bytes / 16)),
        rng_(lab.rng()),
        target_bytes_(live_bytes) {}

  // Places blocks until the next one would exceed the target.
  void fill(const SizeDistribution& sizes) {
    for (std::size_t next = draw(sizes); fits(next); next = draw(sizes)) place(next);
  }

  // Drops and places until `bytes` have been requested anew.
  void turn_over(const SizeDistribution& sizes, std::int64_t bytes) {
    for (std::int64_t requested = 0; requested < bytes;) {
      const std::size_t next = draw(sizes);
      while (!fits(next)) drop_random();
      place(next);
      requested += static_cast<std::int64_t>(next);
    }
  }

  void drop_all() {
    live_.drop_all();
    used_ = 0;
  }

  const LiveSet& live() const { return live_; }
  void report(Context& lab) { live_.report(lab); }

 private:
  std::size_t draw(const SizeDistribution& sizes) {
    return std::min(sizes.draw(rng_), static_cast<std::size_t>(target_bytes_ / 16));
  }
  bool fits(std::size_t bytes) const {
    return used_ < live_.count() &&
           live_.live_bytes() + static_cast<std::int64_t>(bytes) <= target_bytes_;
  }
  void place(std::size_t bytes) { live_.place(used_++, bytes); }
  void drop_random() {
    const std::size_t slot = rng_.below(used_);
    live_.drop(slot);
    live_.move(--used_, slot);
  }

  LiveSet live_;
  Rng rng_;
  std::int64_t target_bytes_;
  std::size_t used_ = 0;  // slots 0 … used_ - 1 are taken
};

}  // namespace lab
