// Tools of the workloads: random numbers, block sizes, tables outside the allocator under test.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 1) {}

  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

  std::size_t below(std::size_t limit) {
    return static_cast<std::size_t>((next() >> 32) * limit >> 32);
  }

  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }

  // 16 bytes to about 16 KiB; each doubling is half as likely as the one before.
  std::size_t power_law_bytes() {
    const int doublings = __builtin_ctzll(next() >> 20 | 1 << 9);
    return between(std::size_t{16} << doublings, std::size_t{32} << doublings);
  }

 private:
  std::uint64_t state_;
};

// Zeroed memory that the allocator under test knows nothing of.
inline void* map_outside(std::size_t bytes) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) abort();
  return start;
}

// An object in a mapping of its own.
template <typename Object>
class Outside {
 public:
  Outside() : object_(new (map_outside(sizeof(Object))) Object) {}
  ~Outside() {
    object_->~Object();
    munmap(object_, sizeof(Object));
  }
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;

  Object* get() { return object_; }

 private:
  Object* object_;
};

// A zeroed table of pointers in a mapping of its own.
class Table {
 public:
  explicit Table(std::size_t count)
      : bytes_(count * sizeof(char*)), slots_(static_cast<char**>(map_outside(bytes_))) {}
  ~Table() { munmap(slots_, bytes_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  char*& operator[](std::size_t index) { return slots_[index]; }
  std::size_t count() const { return bytes_ / sizeof(char*); }

  void free_all() {
    for (std::size_t i = 0; i < count(); ++i) free(slots_[i]), slots_[i] = nullptr;
  }

 private:
  std::size_t bytes_;
  char** slots_;
};

// Allocates and writes the first and last byte.
inline char* make_block(std::size_t bytes) {
  char* block = static_cast<char*>(malloc(bytes));
  if (block == nullptr) abort();
  block[0] = 1;
  block[bytes - 1] = 1;
  return block;
}

// Allocates and writes every page.
inline char* make_touched(std::size_t bytes) {
  char* block = make_block(bytes);
  for (std::size_t at = 0; at < bytes; at += 4096) block[at] = 1;
  return block;
}

}  // namespace bench
