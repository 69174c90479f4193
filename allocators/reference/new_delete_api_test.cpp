#include <gtest/gtest.h>

#include <cstdint>
#include <new>

namespace {

constexpr std::size_t kTooMuch = PTRDIFF_MAX;

std::size_t opaque(std::size_t value) {
  volatile std::size_t hidden = value;
  return hidden;
}

bool is_aligned(const void* block, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

TEST(NewDelete, every_form_pairs_up) {
  constexpr std::align_val_t kAlignment{256};
  operator delete(operator new(10));
  operator delete (operator new(10), std::size_t{10});
  operator delete[](operator new[](10));
  operator delete[](operator new[](10), std::size_t{10});
  operator delete(operator new(10, std::nothrow), std::nothrow);
  operator delete[](operator new[](10, std::nothrow), std::nothrow);
  operator delete(operator new(10, kAlignment), kAlignment);
  operator delete (operator new(10, kAlignment), std::size_t{10}, kAlignment);
  operator delete[](operator new[](10, kAlignment), kAlignment);
  operator delete[](operator new[](10, kAlignment), std::size_t{10}, kAlignment);
  operator delete(operator new(10, kAlignment, std::nothrow), kAlignment, std::nothrow);
  operator delete[](operator new[](10, kAlignment, std::nothrow), kAlignment, std::nothrow);
}

TEST(NewDelete, aligned_forms_align) {
  for (std::size_t alignment = 32; alignment <= (16 << 20); alignment *= 2) {
    void* block = operator new (100, std::align_val_t{alignment});
    EXPECT_TRUE(is_aligned(block, alignment));
    operator delete (block, std::align_val_t{alignment});
  }
}

TEST(NewDelete, exhaustion_throws_or_returns_nullptr) {
  EXPECT_THROW((void)operator new(opaque(kTooMuch)), std::bad_alloc);
  EXPECT_THROW((void)operator new[](opaque(kTooMuch), std::align_val_t{64}), std::bad_alloc);
  EXPECT_EQ(operator new(opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(operator new (opaque(kTooMuch), std::align_val_t{64}, std::nothrow), nullptr);
}

int handler_calls = 0;

TEST(NewDelete, the_new_handler_is_asked_until_it_gives_up) {
  handler_calls = 0;
  std::set_new_handler([] {
    if (++handler_calls == 3) std::set_new_handler(nullptr);
  });
  EXPECT_THROW((void)operator new(opaque(kTooMuch)), std::bad_alloc);
  EXPECT_EQ(handler_calls, 3);
}

TEST(NewDelete, a_handler_may_throw_through) {
  struct Enough {};
  std::set_new_handler([] { throw Enough(); });
  EXPECT_THROW((void)operator new(opaque(kTooMuch)), Enough);
  std::set_new_handler(nullptr);
}

TEST(NewDelete, a_handler_that_throws_makes_the_nothrow_forms_return_nullptr) {
  std::set_new_handler([] { throw 1; });
  EXPECT_EQ(operator new(opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(operator new[](opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(operator new (opaque(kTooMuch), std::align_val_t{64}, std::nothrow), nullptr);
  std::set_new_handler(nullptr);
}

}  // namespace
