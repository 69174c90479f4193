// The cheapest allocator there can be, as a yardstick: each thread advances a pointer through its
// slice of a large reserved region, and free does nothing. Fresh memory is zero, so calloc is
// malloc. Never gives memory back, never reuses it: footprint is the sum of all requests.
#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::size_t kRegionBytes = std::size_t{16} << 30;  // address space only (MAP_NORESERVE)
constexpr std::size_t kSliceBytes = std::size_t{1} << 20;
constexpr std::size_t kAlignmentBytes = 16;
constexpr std::size_t kHeaderBytes = 16;  // in front of each block: its usable size
constexpr std::size_t kPageBytes = 4096;

// Lies at the start of its own mapping. Invariant: the bytes from `used_bytes` on were never given.
struct Region {
  std::atomic<std::size_t> used_bytes;
};

// A thread's part of a region: next <= end.
struct Slice {
  std::uintptr_t next;
  std::uintptr_t end;
};

constinit std::atomic<Region*> region{nullptr};
constinit thread_local Slice slice{0, 0};

constexpr std::uintptr_t round_up(std::uintptr_t value, std::size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

void* map(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

// Puts a new region in the place of a full one, unless another thread was faster.
bool replace(Region* full) {
  auto* fresh = static_cast<Region*>(map(kRegionBytes));
  if (fresh == nullptr) return false;
  fresh->used_bytes = kPageBytes;
  if (!region.compare_exchange_strong(full, fresh)) munmap(fresh, kRegionBytes);
  return true;
}

// Returns `bytes` of untouched memory, or 0. Lock-free, hence safe after fork.
std::uintptr_t take(std::size_t bytes) {
  if (bytes > kRegionBytes / 2) return reinterpret_cast<std::uintptr_t>(map(bytes));
  for (;;) {
    Region* current = region.load();
    if (current != nullptr) {
      const std::size_t offset = current->used_bytes.fetch_add(bytes);
      if (offset + bytes <= kRegionBytes) return reinterpret_cast<std::uintptr_t>(current) + offset;
    }
    if (!replace(current)) return 0;
  }
}

void* no_memory() {
  errno = ENOMEM;
  return nullptr;
}

std::size_t& usable_bytes(void* block) {
  return *reinterpret_cast<std::size_t*>(static_cast<char*>(block) - kHeaderBytes);
}

void* place(std::uintptr_t address, std::size_t usable) {
  void* block = reinterpret_cast<void*>(address);
  usable_bytes(block) = usable;
  return block;
}

// A block that would waste much of a slice gets pages of its own.
void* allocate_large(std::size_t usable, std::size_t alignment) {
  const std::uintptr_t start = take(round_up(usable + alignment + kHeaderBytes, kPageBytes));
  return start == 0 ? no_memory() : place(round_up(start + kHeaderBytes, alignment), usable);
}

// Requires a power of two of at least 16 as alignment.
void* allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > PTRDIFF_MAX || alignment > PTRDIFF_MAX) return no_memory();
  const std::size_t usable = bytes == 0 ? kAlignmentBytes : round_up(bytes, kAlignmentBytes);
  if (usable + alignment > kSliceBytes / 4) return allocate_large(usable, alignment);
  std::uintptr_t block = round_up(slice.next + kHeaderBytes, alignment);
  if (block + usable > slice.end) {
    const std::uintptr_t start = take(kSliceBytes);
    if (start == 0) return no_memory();
    slice.end = start + kSliceBytes;
    block = round_up(start + kHeaderBytes, alignment);
  }
  slice.next = block + usable;
  return place(block, usable);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  if (!std::has_single_bit(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return allocate(bytes, alignment < kAlignmentBytes ? kAlignmentBytes : alignment);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void* malloc(std::size_t bytes) noexcept { return allocate(bytes, kAlignmentBytes); }

void free(void*) noexcept {}

void* calloc(std::size_t count, std::size_t bytes) noexcept {
  std::size_t total;
  return __builtin_mul_overflow(count, bytes, &total) ? no_memory() : malloc(total);
}

void* realloc(void* old, std::size_t bytes) noexcept {
  if (old != nullptr && bytes == 0) return nullptr;
  if (old != nullptr && bytes <= usable_bytes(old)) return old;
  void* fresh = malloc(bytes);
  if (fresh != nullptr && old != nullptr) std::memcpy(fresh, old, usable_bytes(old));
  return fresh;
}

void* reallocarray(void* old, std::size_t count, std::size_t bytes) noexcept {
  std::size_t total;
  return __builtin_mul_overflow(count, bytes, &total) ? no_memory() : realloc(old, total);
}

void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return allocate_aligned(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return allocate_aligned(alignment, bytes);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
  const int saved_errno = errno;
  void* block = allocate_aligned(alignment, bytes);
  errno = saved_errno;
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

void* valloc(std::size_t bytes) noexcept { return allocate(bytes, kPageBytes); }

void* pvalloc(std::size_t bytes) noexcept {
  return bytes > PTRDIFF_MAX ? no_memory() : allocate(round_up(bytes, kPageBytes), kPageBytes);
}

std::size_t malloc_usable_size(void* block) noexcept {
  return block == nullptr ? 0 : usable_bytes(block);
}

}  // extern "C"
#pragma GCC visibility pop
