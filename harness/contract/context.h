// What an experiment's body may ask of the lab. Everything that is not workload happens before the
// first mark: after it the lab neither allocates, faults nor calls the system except in mark().
// A body calls no clock and no mallopt, reads no /proc, prints nothing, and never branches on the
// allocator's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/contract/histogram.h"
#include "harness/contract/rng.h"

namespace lab {

class Context {
 public:
  // ---- The case -------------------------------------------------------------------------------
  // The number, or the word, that this case gives to a parameter.
  // Fails the run when the experiment declares no such parameter, or the value is not a number.
  virtual std::int64_t param(std::string_view name) const = 0;
  virtual std::string_view text(std::string_view name) const = 0;
  bool is(std::string_view name, std::string_view token) const { return text(name) == token; }

  // A generator seeded from the plan's seed and the block; equal for every arm of a block.
  virtual Rng rng() const = 0;
  virtual std::size_t page_bytes() const = 0;

  // ---- Phases ---------------------------------------------------------------------------------
  // Ends the running phase and begins the one called `phase`, which must be declared. The parent
  // reads all counters while this thread is blocked here. Requires that all other threads of the
  // body are parked. mark("end") closes the last phase; the lab does so itself after the body.
  virtual void mark(std::string_view phase) = 0;

  // ---- Workload help --------------------------------------------------------------------------
  // `bytes` of zeroed, page-aligned, already touched memory outside the allocator under test
  // (shared memory: not part of RSS anon). Lives as long as the process. Requires: before the
  // first mark. Never returns nullptr.
  virtual void* scratch(std::size_t bytes) = 0;
  template <class T>
  T* scratch_array(std::size_t count) {
    return static_cast<T*>(scratch(count * sizeof(T)));
  }

  // Asks the allocator to give unused memory back (its neutral `release`).
  // Returns false when it has no such call.
  virtual bool release_free_memory() = 0;

  // Lets time pass: idle() sleeps; tick() wakes every millisecond for one small malloc and free, so
  // that purging driven by allocator activity can happen.
  virtual void idle(std::int64_t ms) = 0;
  virtual void tick(std::int64_t ms) = 0;

  // ---- Reports --------------------------------------------------------------------------------
  // The allocator's own statistics, stored with the running phase. Returns false where it has none.
  virtual bool statistics() = 0;

  // Stores a declared metric with the running phase; the last value wins. Addresses count as
  // integers.
  virtual void observe(std::string_view metric, std::int64_t value) = 0;
  void observe(std::string_view metric, const volatile void* address) {
    observe(metric, static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(address)));
  }

  // Tells what the program holds at this moment: the running phase records the last call.
  virtual void live(std::int64_t bytes, std::int64_t blocks) = 0;

  // Adds to what the body asked of the allocator in the running phase. `checksum` combines the
  // sizes (see workload/request_log.h): equal under every allocator, or the arms did different work.
  virtual void requested(std::int64_t allocations, std::int64_t frees,
                         std::uint64_t checksum = 0) = 0;

  // A declared histogram in shared pages; one writer at a time per index (a thread's number, say).
  // Requires: first called for an index before the first mark.
  virtual Histogram& histogram(std::string_view name, int index = 0) = 0;

  // Ends the run here: `skipped` when the machine lacks what the body needs ("cachestat: ENOSYS"),
  // `failed` when the workload could not do its work. Never allocate, never return.
  [[noreturn]] virtual void skip(const char* reason) = 0;
  [[noreturn]] virtual void fail(const char* reason) = 0;

 protected:
  ~Context() = default;
};

}  // namespace lab
