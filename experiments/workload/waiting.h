// Time that passes as the parameter `wait` says: idle (asleep), tick (one small request every
// millisecond) or busy (64 requests of random sizes every millisecond).
#pragma once

#include "experiments/workload/live_set.h"

namespace lab {

class Waiting {
 public:
  // Requires: before the first mark.
  explicit Waiting(Context& lab) : request_(lab, kRequests), rng_(lab.rng()) {}

  void pass(Context& lab, std::int64_t ms) {
    if (lab.is("wait", "idle")) lab.idle(ms);
    if (lab.is("wait", "tick")) lab.tick(ms);
    if (lab.is("wait", "busy")) serve(lab, ms);
  }

 private:
  static constexpr std::size_t kRequests = 64;

  // Every millisecond blocks of random sizes come and go, as if a request were served.
  void serve(Context& lab, std::int64_t ms) {
    for (std::int64_t passed = 0; passed < ms; ++passed) {
      lab.idle(1);
      for (std::size_t slot = 0; slot < kRequests; ++slot)
        request_.place(slot, 16 + rng_.below(4000));
      request_.drop_all();
    }
    request_.report(lab);
  }

  LiveSet request_;
  Rng rng_;
};

}  // namespace lab
