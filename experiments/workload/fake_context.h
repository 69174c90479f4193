// A context without a parent, for the tests of workload pieces: parameters are set by hand, reports
// are kept, scratch comes from calloc and is never freed.
#pragma once

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

#include "harness/contract/context.h"

namespace lab {

class FakeContext final : public Context {
 public:
  std::map<std::string, std::string, std::less<>> params;
  std::map<std::string, std::int64_t, std::less<>> observed;
  std::string phase;
  std::int64_t allocations = 0, frees = 0, live_bytes = 0, live_blocks = 0;
  std::uint64_t checksum = 0;

  std::int64_t param(std::string_view name) const override {
    return std::stoll(params.find(name)->second);
  }
  std::string_view text(std::string_view name) const override { return params.find(name)->second; }
  Rng rng() const override { return Rng(1); }
  std::size_t page_bytes() const override { return 4096; }
  void mark(std::string_view name) override { phase = name; }
  void* scratch(std::size_t bytes) override { return std::calloc(1, bytes); }
  bool release_free_memory() override { return false; }
  void idle(std::int64_t) override {}
  void tick(std::int64_t) override {}
  bool statistics() override { return false; }
  void observe(std::string_view metric, std::int64_t value) override {
    observed[std::string(metric)] = value;
  }
  void live(std::int64_t bytes, std::int64_t blocks) override {
    live_bytes = bytes;
    live_blocks = blocks;
  }
  void requested(std::int64_t more_allocations, std::int64_t more_frees,
                 std::uint64_t more_checksum) override {
    allocations += more_allocations;
    frees += more_frees;
    checksum += more_checksum;
  }
  Histogram& histogram(std::string_view, int) override { return histogram_; }
  [[noreturn]] void skip(const char* reason) override { throw std::runtime_error(reason); }
  [[noreturn]] void fail(const char* reason) override { throw std::logic_error(reason); }

 private:
  Histogram histogram_{};
};

}  // namespace lab
