// The C interface as a program sees it: this program's malloc is the reference allocator's.
#include <dlfcn.h>
#include <errno.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <stdint.h>

#include <cstdlib>
#include <cstring>

extern "C" void free_sized(void*, size_t);
extern "C" void free_aligned_sized(void*, size_t, size_t);

namespace {

bool is_aligned(const void* block, size_t alignment) {
  return reinterpret_cast<uintptr_t>(block) % alignment == 0;
}

// Hides sizes from the compiler's own checks.
template <typename Value>
Value opaque(Value value) {
  volatile Value hidden = value;
  return hidden;
}

TEST(MallocApi, zero_bytes_get_distinct_blocks) {
  void* first = malloc(0);
  void* second = malloc(0);
  EXPECT_NE(first, nullptr);
  EXPECT_NE(first, second);
  free(first);
  free(second);
}

TEST(MallocApi, too_much_is_enomem) {
  for (const size_t bytes :
       {SIZE_MAX, SIZE_MAX - 4096, size_t{PTRDIFF_MAX} + 1, size_t{PTRDIFF_MAX}}) {
    errno = 0;
    EXPECT_EQ(malloc(opaque(bytes)), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    errno = 0;
    EXPECT_EQ(aligned_alloc(64, opaque(bytes)), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    errno = 0;
    EXPECT_EQ(pvalloc(opaque(bytes)), nullptr);
    EXPECT_EQ(errno, ENOMEM);
  }
}

TEST(MallocApi, products_that_overflow_are_enomem) {
  errno = 0;
  EXPECT_EQ(calloc(opaque(SIZE_MAX / 2), 3), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  errno = 0;
  EXPECT_EQ(reallocarray(nullptr, opaque(SIZE_MAX / 2), 3), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(MallocApi, a_failed_realloc_leaves_the_block) {
  auto* block = static_cast<char*>(malloc(10));
  strcpy(block, "content");
  EXPECT_EQ(realloc(block, opaque(size_t{PTRDIFF_MAX} + 1)), nullptr);
  EXPECT_STREQ(block, "content");
  free(block);
}

TEST(MallocApi, realloc_of_nothing_allocates_and_to_nothing_frees) {
  void* block = realloc(nullptr, 10);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(realloc(block, 0), nullptr);
}

TEST(MallocApi, free_keeps_errno) {
  errno = 42;
  free(nullptr);
  free(malloc(100));
  free(malloc(100 << 20));
  EXPECT_EQ(errno, 42);
}

TEST(MallocApi, posix_memalign_returns_its_errors) {
  void* block = reinterpret_cast<void*>(1);
  errno = 42;
  EXPECT_EQ(posix_memalign(&block, opaque(size_t{0}), 8), EINVAL);
  EXPECT_EQ(posix_memalign(&block, 4, 8), EINVAL) << "less than a pointer";
  EXPECT_EQ(posix_memalign(&block, opaque(size_t{24}), 8), EINVAL) << "no power of two";
  EXPECT_EQ(posix_memalign(&block, 64, opaque(SIZE_MAX)), ENOMEM);
  EXPECT_EQ(block, reinterpret_cast<void*>(1)) << "untouched on error";
  EXPECT_EQ(errno, 42);
  EXPECT_EQ(posix_memalign(&block, 64, 0), 0);
  EXPECT_TRUE(is_aligned(block, 64));
  free(block);
}

TEST(MallocApi, aligned_alloc_takes_any_size_and_no_bad_alignment) {
  errno = 0;
  EXPECT_EQ(aligned_alloc(opaque(size_t{48}), 48), nullptr);
  EXPECT_EQ(errno, EINVAL);
  void* block = aligned_alloc(64, 10);
  EXPECT_TRUE(is_aligned(block, 64));
  free_aligned_sized(block, 64, 10);
}

TEST(MallocApi, memalign_rounds_the_alignment_up) {
  void* block = memalign(opaque(size_t{48}), 10);
  EXPECT_TRUE(is_aligned(block, 64));
  free(block);
}

TEST(MallocApi, page_functions_return_whole_pages) {
  void* block = valloc(10);
  EXPECT_TRUE(is_aligned(block, 4096));
  free(block);
  block = pvalloc(10);
  EXPECT_TRUE(is_aligned(block, 4096));
  EXPECT_GE(malloc_usable_size(block), 4096u);
  free(block);
}

TEST(MallocApi, the_usable_size_can_be_used) {
  EXPECT_EQ(malloc_usable_size(nullptr), 0u);
  for (size_t bytes = 1; bytes < (64 << 20); bytes = bytes * 3 / 2 + 1) {
    void* block = malloc(bytes);
    ASSERT_GE(malloc_usable_size(block), bytes);
    memset(block, 1, malloc_usable_size(block));
    free(block);
  }
}

TEST(MallocApi, calloc_clears_what_was_used_before) {
  for (const size_t bytes : {16, 1000, 50'000, 300'000, 5'000'000}) {
    for (int round = 0; round < 3; ++round) {
      auto* block = static_cast<char*>(calloc(1, bytes));
      for (size_t at = 0; at < bytes; ++at) ASSERT_EQ(block[at], 0) << bytes << " at " << at;
      memset(block, 1, bytes);
      free(block);
    }
  }
}

TEST(MallocApi, sized_frees_free) {
  free_sized(malloc(100), 100);
  free_sized(nullptr, 0);
}

TEST(MallocApi, trim_says_whether_there_was_something) {
  free(malloc(8 << 20));
  EXPECT_EQ(malloc_trim(0), 1);
  EXPECT_EQ(malloc_trim(0), 0);
}

TEST(MallocApi, memory_of_the_c_library_is_ours) {
  free(strdup("text"));
  char* line = nullptr;
  EXPECT_GT(asprintf(&line, "%d", 7), 0);
  free(line);
}

}  // namespace
