// Test support: an operating system that counts what is mapped, fails on demand and has a clock of
// its own. There is one for the whole test program, installed before the allocator makes its first
// call.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace reference {

struct FakeOs {
  std::atomic<std::size_t> mapped_bytes = 0;
  std::atomic<std::uint64_t> calls = 0;
  std::atomic<std::uint64_t> fail_from =
      UINT64_MAX;  // calls with this number and later ones fail with ENOMEM
  std::atomic<std::uint64_t> fail_until = UINT64_MAX;
  std::atomic<std::uint64_t> clock_ms = 1'000'000;

  // Lets the n-th call from now fail, and all after it when `for_good`. n starts at 1.
  void fail_at(std::uint64_t n, bool for_good);
  void recover() { fail_from = UINT64_MAX; }
};

extern FakeOs fake_os;

}  // namespace reference
