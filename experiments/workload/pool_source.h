// Where the objects of a pool experiment come from: malloc itself, or a std::pmr resource or a
// region on top of it. What reaches the allocator is counted in `upstream`, whichever it is.
#pragma once

#include <cstdlib>
#include <memory_resource>

#include "allocators/reference/region.h"
#include "experiments/workload/request_log.h"

namespace lab {

// A memory resource that asks the allocator and counts what it asks.
class CountingResource final : public std::pmr::memory_resource {
 public:
  explicit CountingResource(RequestLog& log) : log_(log) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return alignment > alignof(std::max_align_t)
               ? log_.aligned_alloc(alignment, rounded(bytes, alignment))
               : log_.malloc(rounded(bytes, alignment));
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    log_.free(block, rounded(bytes, alignment));
  }
  // aligned_alloc wants a multiple of the alignment; some allocators refuse anything else.
  static std::size_t rounded(std::size_t bytes, std::size_t alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  RequestLog& log_;
};

// Objects straight from malloc.
class MallocSource {
 public:
  explicit MallocSource(RequestLog& upstream) : upstream_(upstream) {}
  void* take(std::size_t bytes) { return upstream_.malloc(bytes); }
  void give_back(void* object, std::size_t bytes) { upstream_.free(object, bytes); }
  void end_of_request() {}

 private:
  RequestLog& upstream_;
};

// Objects from a std::pmr resource over malloc. Requires: Resource has release().
template <class Resource>
class PmrSource {
 public:
  explicit PmrSource(RequestLog& upstream) : counting_(upstream), resource_(&counting_) {}
  void* take(std::size_t bytes) { return resource_.allocate(bytes, alignof(std::max_align_t)); }
  void give_back(void* object, std::size_t bytes) {
    resource_.deallocate(object, bytes, alignof(std::max_align_t));
  }
  void end_of_request() { resource_.release(); }

 private:
  CountingResource counting_;
  Resource resource_;
};

// Objects from a region of the reference allocator, whose chunks come from malloc.
class RegionSource {
 public:
  explicit RegionSource(RequestLog& upstream) : upstream_(upstream), region_(region_create(0)) {
    upstream_.note_allocation(kRegionBytes);
    note_new_chunk();
  }
  ~RegionSource() {
    note_freed_chunks(0);
    upstream_.note_free(kRegionBytes);
    region_destroy(region_);
  }
  RegionSource(const RegionSource&) = delete;
  RegionSource& operator=(const RegionSource&) = delete;

  void* take(std::size_t bytes) {
    void* object = region_alloc(region_, bytes, alignof(std::max_align_t));
    note_new_chunk();
    return object;
  }
  void give_back(void*, std::size_t) {}
  void end_of_request() {
    note_freed_chunks(1);
    region_reset(region_);
  }

 private:
  static constexpr std::size_t kRegionBytes = 40;  // its own few words

  void note_new_chunk() {
    const std::size_t reserved = region_reserved_bytes(region_);
    if (reserved == reserved_bytes_) return;
    upstream_.note_allocation(reserved - reserved_bytes_);
    newest_chunk_bytes_ = reserved - reserved_bytes_;
    reserved_bytes_ = reserved;
    ++chunks_;
  }
  // All chunks but the newest, which is the largest, and `kept` = 0 that one too.
  void note_freed_chunks(int kept) {
    const std::size_t kept_bytes = kept == 0 ? 0 : newest_chunk_bytes_;
    for (; chunks_ > kept; --chunks_)
      upstream_.note_free(chunks_ == kept + 1 ? reserved_bytes_ - kept_bytes : 0);
    reserved_bytes_ = kept_bytes;
  }

  RequestLog& upstream_;
  region* region_;
  std::size_t reserved_bytes_ = 0;
  std::size_t newest_chunk_bytes_ = 0;
  int chunks_ = 0;
};

using MonotonicSource = PmrSource<std::pmr::monotonic_buffer_resource>;
using PoolSource = PmrSource<std::pmr::unsynchronized_pool_resource>;

}  // namespace lab
