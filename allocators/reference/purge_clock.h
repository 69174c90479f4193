// The time that purge delays are measured in: milliseconds, or ticks of the span heap, as the knob
// says. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "knobs.h"
#include "os.h"

namespace reference::purge_clock {

inline constinit std::atomic<std::uint64_t> ticks = 0;

inline void tick() {
  ticks.store(ticks.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

inline std::uint64_t now() {
  return knobs.purge_clock == Clock::ticks ? ticks.load(std::memory_order_relaxed) : os.now_ms();
}

// Whether something that became free at `since` has passed the delay.
inline bool is_due(std::uint64_t since, std::uint64_t present) {
  return knobs.purge_delay != Knobs::kNever && since + knobs.purge_delay <= present;
}

}  // namespace reference::purge_clock
