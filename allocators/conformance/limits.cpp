// The ends of the range: nothing, too much, and all there is.
#include <malloc.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdlib>

#include "allocators/conformance/check.h"

namespace conformance {
namespace {

// Not to be had on any machine; the last ones also overflow when rounded up.
constexpr std::size_t kTooMuch[] = {PTRDIFF_MAX, std::size_t{PTRDIFF_MAX} + 1, SIZE_MAX - 4096,
                                    SIZE_MAX - 15, SIZE_MAX};

// Every call that must fail, by name; `fails` returns true when it gave no block.
struct Call {
  const char* name;
  bool (*fails)(std::size_t bytes);
};

bool posix_memalign_fails(std::size_t bytes) {
  void* block = nullptr;
  return posix_memalign(&block, 4096, bytes) == ENOMEM && block == nullptr;
}

constexpr Call kMalloc{"malloc", [](std::size_t bytes) { return std::malloc(bytes) == nullptr; }};
constexpr Call kCalloc{"calloc",
                       [](std::size_t bytes) { return std::calloc(1, bytes) == nullptr; }};
constexpr Call kCallocOfOne{"calloc(…, 1)",
                            [](std::size_t bytes) { return std::calloc(bytes, 1) == nullptr; }};
constexpr Call kMemalign{"memalign",
                         [](std::size_t bytes) { return memalign(64, bytes) == nullptr; }};
constexpr Call kAlignedAlloc{"aligned_alloc", [](std::size_t bytes) {
                               return aligned_alloc(4096, bytes / 4096 * 4096) == nullptr;
                             }};
constexpr Call kPosixMemalign{"posix_memalign", posix_memalign_fails};
constexpr Call kPvalloc{"pvalloc", [](std::size_t bytes) { return pvalloc(bytes) == nullptr; }};
constexpr Call kOverflow{"calloc(2^32, 2^32 and more)", [](std::size_t bytes) {
                           constexpr std::size_t kRoot = std::size_t{1} << 32;
                           return std::calloc(opaque(kRoot), kRoot + bytes % 16) == nullptr;
                         }};

void require_failure(const Call& call) {
  for (const std::size_t bytes : kTooMuch)
    require(call.fails(opaque(bytes)), "%s of %zu bytes did not fail", call.name, bytes);
}

void require_enomem(const Call& call) {
  for (const std::size_t bytes : kTooMuch) {
    errno = 0;
    call.fails(opaque(bytes));
    require(errno == ENOMEM, "%s of %zu bytes left errno at %d", call.name, bytes, errno);
  }
}

void malloc_of_zero_gives_distinct_blocks() {
  constexpr int kCount = 1000;
  static void* blocks[kCount];
  for (int i = 0; i < kCount; ++i) {
    blocks[i] = std::malloc(opaque<std::size_t>(0));
    require(blocks[i] != nullptr, "malloc(0) gave NULL");
    for (int j = 0; j < i; ++j)
      require(blocks[i] != blocks[j], "malloc(0) gave %p twice", blocks[i]);
  }
  for (void* block : blocks) std::free(block);
}
LAB_REGISTER_CHECK(malloc_of_zero_gives_distinct_blocks);

void zero_is_a_size_for_every_function() {
  const std::size_t zero = opaque<std::size_t>(0);
  void* aligned = nullptr;
  require(posix_memalign(&aligned, 64, zero) == 0, "posix_memalign(64, 0) failed");
  for (void* block : {std::calloc(zero, 8), std::calloc(8, zero), aligned_alloc(64, zero),
                      memalign(64, zero), std::realloc(nullptr, zero), aligned}) {
    require(malloc_usable_size(block) < 4096, "a block of 0 bytes has %zu",
            malloc_usable_size(block));
    std::free(block);
  }
}
LAB_REGISTER_CHECK(zero_is_a_size_for_every_function);

void malloc_of_too_much_fails() { require_failure(kMalloc); }
LAB_REGISTER_CHECK(malloc_of_too_much_fails);

void malloc_that_fails_sets_ENOMEM() { require_enomem(kMalloc); }
LAB_REGISTER_CHECK(malloc_that_fails_sets_ENOMEM);

void calloc_of_too_much_fails() {
  require_failure(kCalloc);
  require_failure(kCallocOfOne);
}
LAB_REGISTER_CHECK(calloc_of_too_much_fails);

void calloc_that_fails_sets_ENOMEM() {
  require_enomem(kCalloc);
  require_enomem(kCallocOfOne);
}
LAB_REGISTER_CHECK(calloc_that_fails_sets_ENOMEM);

void calloc_that_overflows_fails() { require_failure(kOverflow); }
LAB_REGISTER_CHECK(calloc_that_overflows_fails);

void calloc_that_overflows_sets_ENOMEM() { require_enomem(kOverflow); }
LAB_REGISTER_CHECK(calloc_that_overflows_sets_ENOMEM);

void aligned_blocks_of_too_much_fail() {
  for (const Call& call : {kMemalign, kAlignedAlloc, kPosixMemalign}) require_failure(call);
}
LAB_REGISTER_CHECK(aligned_blocks_of_too_much_fail);

void aligned_blocks_that_fail_set_ENOMEM() {
  for (const Call& call : {kMemalign, kAlignedAlloc}) require_enomem(call);
}
LAB_REGISTER_CHECK(aligned_blocks_that_fail_set_ENOMEM);

void pvalloc_of_too_much_fails() { require_failure(kPvalloc); }
LAB_REGISTER_CHECK(pvalloc_of_too_much_fails);

void pvalloc_that_fails_sets_ENOMEM() { require_enomem(kPvalloc); }
LAB_REGISTER_CHECK(pvalloc_that_fails_sets_ENOMEM);

// The address space is limited, filled with blocks until malloc fails, and given back.
void exhaustion_fails_with_ENOMEM_and_ends_when_blocks_are_freed() {
  constexpr std::size_t kBlockBytes = 200000, kMost = 5000;
  constexpr std::size_t kLimitBytes = std::size_t{512} << 20;
  static void* blocks[kMost];
  std::free(std::malloc(kBlockBytes));
  const rlimit limit{kLimitBytes, kLimitBytes};
  require(setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit(RLIMIT_AS)");
  std::size_t count = 0;
  errno = 0;
  while (count < kMost && (blocks[count] = std::malloc(kBlockBytes)) != nullptr) ++count;
  require(count < kMost, "%zu blocks of %zu bytes fit into 512 MiB", kMost, kBlockBytes);
  require(errno == ENOMEM, "malloc failed with errno %d after %zu blocks", errno, count);
  for (std::size_t i = 0; i < count; ++i) std::free(blocks[i]);
  for (std::size_t i = 0; i < count / 2; ++i) blocks[i] = filled_malloc(kBlockBytes);
  for (std::size_t i = 0; i < count / 2; ++i) checked_free(blocks[i], kBlockBytes);
}
LAB_REGISTER_CHECK(exhaustion_fails_with_ENOMEM_and_ends_when_blocks_are_freed);

void freed_memory_is_used_again() {
  constexpr std::size_t kSizes[] = {16, 1000, 30000, 1 << 20};
  for (const std::size_t bytes : kSizes) {
    const std::size_t before = resident_anonymous_bytes();
    const std::size_t rounds = (std::size_t{256} << 20) / bytes;
    for (std::size_t round = 0; round < rounds; ++round) std::free(filled_malloc(bytes));
    const std::size_t after = resident_anonymous_bytes();
    require(after < before + (std::size_t{32} << 20),
            "%zu bytes at a time, 256 MiB in all: +%zu MiB", bytes, (after - before) >> 20);
  }
}
LAB_REGISTER_CHECK(freed_memory_is_used_again);

}  // namespace
}  // namespace conformance
