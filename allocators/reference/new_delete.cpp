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

using reference::deallocate;
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

namespace {

// Lets the new handler free memory until there is a block. Returns nullptr when no handler is left
// to try.
void* retry(size_t bytes, size_t alignment) {
  while (std::get_new_handler != nullptr) {
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) break;
    handler();
    if (void* block = reference::allocate_aligned(alignment, bytes)) return block;
  }
  return nullptr;
}

[[gnu::noinline]] void* or_throw(size_t bytes, size_t alignment) {
  if (void* block = retry(bytes, alignment)) return block;
  if (std::__throw_bad_alloc != nullptr) std::__throw_bad_alloc();
  std::abort();
}

// The standard's nothrow forms return nullptr when the handler throws, whatever it throws.
[[gnu::noinline]] void* or_null(size_t bytes, size_t alignment) {
  try {
    return retry(bytes, alignment);
  } catch (...) {
    return nullptr;
  }
}

template <auto kOtherwise>
void* allocate(size_t bytes) {
  void* block = reference::allocate(bytes);
  return block != nullptr ? block : kOtherwise(bytes, 1);
}

template <auto kOtherwise>
void* allocate(size_t bytes, align_val_t align) {
  const auto alignment = static_cast<size_t>(align);
  void* block = reference::allocate_aligned(alignment, bytes);
  return block != nullptr ? block : kOtherwise(bytes, alignment);
}

}  // namespace

#pragma GCC visibility push(default)

void* operator new(size_t bytes) { return allocate<or_throw>(bytes); }
void* operator new[](size_t bytes) { return allocate<or_throw>(bytes); }
void* operator new(size_t bytes, align_val_t align) { return allocate<or_throw>(bytes, align); }
void* operator new[](size_t bytes, align_val_t align) { return allocate<or_throw>(bytes, align); }
void* operator new(size_t bytes, const nothrow_t&) noexcept { return allocate<or_null>(bytes); }
void* operator new[](size_t bytes, const nothrow_t&) noexcept { return allocate<or_null>(bytes); }
void* operator new(size_t bytes, align_val_t align, const nothrow_t&) noexcept {
  return allocate<or_null>(bytes, align);
}
void* operator new[](size_t bytes, align_val_t align, const nothrow_t&) noexcept {
  return allocate<or_null>(bytes, align);
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
