// The Context of a measured process: answers the body from fixed tables and talks to the parent only
// in mark(). After the first mark it neither allocates nor faults.
#pragma once

#include <array>
#include <span>

#include "harness/child/protocol.h"
#include "harness/contract/allocator.h"
#include "harness/contract/experiment.h"

namespace lab::child {

class ChildContext final : public Context, private StatisticsSink {
 public:
  ChildContext(const Experiment& experiment, const Allocator& allocator, std::uint64_t seed,
               std::span<const Setting> params, protocol::SharedPages& pages);

  // Runs everything once that a body may call after the first mark, results thrown away: the first
  // call of any function costs faults. Release is among them: under glibc a body starts with a
  // trimmed heap, not with the free top that the program's start has left.
  void warm();
  // Closes the last phase if the body has not done so.
  void finish();

  std::int64_t param(std::string_view name) const override;
  std::string_view text(std::string_view name) const override;
  Rng rng() const override { return Rng(seed_); }
  std::size_t page_bytes() const override { return page_bytes_; }
  void mark(std::string_view phase) override;
  void* scratch(std::size_t bytes) override;
  bool release_free_memory() override;
  void idle(std::int64_t ms) override;
  void tick(std::int64_t ms) override;
  bool statistics() override;
  void observe(std::string_view metric, std::int64_t value) override;
  void live(std::int64_t bytes, std::int64_t blocks) override;
  void requested(std::int64_t allocations, std::int64_t frees, std::uint64_t checksum) override;
  Histogram& histogram(std::string_view name, int index) override;
  [[noreturn]] void skip(const char* reason) override;
  [[noreturn]] void fail(const char* reason) override;

 private:
  struct Clocks {
    std::int64_t wall_ns;
    std::int64_t cpu_ns;
  };
  static Clocks read_clocks();
  void put(std::string_view metric, std::int64_t value) override { observe(metric, value); }
  int metric_index(std::string_view name) const;
  int phase_index(std::string_view name) const;
  [[noreturn]] void fail_about(const char* what, std::string_view name);
  protocol::Message closing_message(const Clocks& end) const;

  const Experiment& experiment_;
  const Allocator& allocator_;
  const std::uint64_t seed_;
  const Point point_;
  protocol::SharedPages& pages_;
  const std::size_t page_bytes_;

  int phase_number_ = -1;  // of the running phase; -1 before the first mark
  bool ended_ = false;
  Clocks phase_begin_{};
  protocol::Message declared_{};  // what live() and requested() said in the running phase
};

}  // namespace lab::child
