// std::pmr adapters, header only: a region as memory_resource, for containers that live and die
// together.
//
//   reference::RegionResource pool;
//   std::pmr::vector<std::pmr::string> words(&pool);
#pragma once

#include <cstddef>
#include <memory_resource>
#include <new>

#include "region.h"

namespace reference {

// Owns a region. deallocate does nothing; reset and the destructor free everything. One thread at a
// time.
class RegionResource final : public std::pmr::memory_resource {
 public:
  explicit RegionResource(std::size_t first_chunk_bytes = 0)
      : region_(region_create(first_chunk_bytes)) {
    if (region_ == nullptr) throw std::bad_alloc();
  }
  ~RegionResource() override { region_destroy(region_); }
  RegionResource(const RegionResource&) = delete;
  RegionResource& operator=(const RegionResource&) = delete;

  // Requires: nothing allocated from here is used any more.
  void reset() { region_reset(region_); }

  std::size_t reserved_bytes() const { return region_reserved_bytes(region_); }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* block = region_alloc(region_, bytes, alignment);
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  region* region_;
};

}  // namespace reference
