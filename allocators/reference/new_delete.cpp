// operator new and delete in every form. They throw through libstdc++ where the program has one,
// and honour its new handler; without it, exhaustion ends the program. The only file compiled with
// exceptions: a handler may throw.

#include <cstdlib>
#include <new>

#include "allocate.h"

namespace std {
[[gnu::weak]] void __throw_bad_alloc();
[[gnu::weak]] new_handler get_new_handler() noexcept;
}  // namespace std

// What the compiler calls for `catch`. Weak: a program that throws has it, others never come here.
asm(".weak __cxa_begin_catch, __cxa_end_catch, __gxx_personality_v0, _ZSt9terminatev");

namespace {

// Returns nullptr when no handler is left to try.
[[gnu::noinline]] void* retry(std::size_t bytes, std::size_t alignment) {
  for (;;) {
    if (std::get_new_handler == nullptr) return nullptr;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) return nullptr;
    handler();
    if (void* block = reference::allocate_aligned(alignment, bytes)) return block;
  }
}

[[gnu::noinline]] void* retry_or_throw(std::size_t bytes, std::size_t alignment) {
  if (void* block = retry(bytes, alignment)) return block;
  if (std::__throw_bad_alloc != nullptr) std::__throw_bad_alloc();
  std::abort();
}

void* checked_new(std::size_t bytes) {
  void* block = reference::allocate(bytes);
  return block != nullptr ? block : retry_or_throw(bytes, 1);
}

void* checked_new(std::size_t bytes, std::align_val_t alignment) {
  void* block = reference::allocate_aligned(static_cast<std::size_t>(alignment), bytes);
  return block != nullptr ? block : retry_or_throw(bytes, static_cast<std::size_t>(alignment));
}

// The standard's nothrow forms return nullptr when the handler throws, whatever it throws.
[[gnu::noinline]] void* retry_quietly(std::size_t bytes, std::size_t alignment) {
  try {
    return retry(bytes, alignment);
  } catch (...) {
    return nullptr;
  }
}

void* quiet_new(std::size_t bytes) {
  void* block = reference::allocate(bytes);
  return block != nullptr ? block : retry_quietly(bytes, 1);
}

void* quiet_new(std::size_t bytes, std::align_val_t alignment) {
  void* block = reference::allocate_aligned(static_cast<std::size_t>(alignment), bytes);
  return block != nullptr ? block : retry_quietly(bytes, static_cast<std::size_t>(alignment));
}

}  // namespace

using reference::deallocate;
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

#pragma GCC visibility push(default)

void* operator new(size_t bytes) { return checked_new(bytes); }
void* operator new[](size_t bytes) { return checked_new(bytes); }
void* operator new(size_t bytes, align_val_t alignment) { return checked_new(bytes, alignment); }
void* operator new[](size_t bytes, align_val_t alignment) { return checked_new(bytes, alignment); }
void* operator new(size_t bytes, const nothrow_t&) noexcept { return quiet_new(bytes); }
void* operator new[](size_t bytes, const nothrow_t&) noexcept { return quiet_new(bytes); }
void* operator new(size_t bytes, align_val_t alignment, const nothrow_t&) noexcept {
  return quiet_new(bytes, alignment);
}
void* operator new[](size_t bytes, align_val_t alignment, const nothrow_t&) noexcept {
  return quiet_new(bytes, alignment);
}

void operator delete(void* block) noexcept { deallocate(block); }
void operator delete[](void* block) noexcept { deallocate(block); }
void operator delete(void* block, size_t) noexcept { deallocate(block); }
void operator delete[](void* block, size_t) noexcept { deallocate(block); }
void operator delete(void* block, align_val_t) noexcept { deallocate(block); }
void operator delete[](void* block, align_val_t) noexcept { deallocate(block); }
void operator delete(void* block, size_t, align_val_t) noexcept { deallocate(block); }
void operator delete[](void* block, size_t, align_val_t) noexcept { deallocate(block); }
void operator delete(void* block, const nothrow_t&) noexcept { deallocate(block); }
void operator delete[](void* block, const nothrow_t&) noexcept { deallocate(block); }
void operator delete(void* block, align_val_t, const nothrow_t&) noexcept { deallocate(block); }
void operator delete[](void* block, align_val_t, const nothrow_t&) noexcept { deallocate(block); }

#pragma GCC visibility pop
