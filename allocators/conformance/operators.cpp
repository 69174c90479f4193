// operator new and delete in all their forms, and what happens when memory runs out.
#include <cstdlib>
#include <new>

#include "allocators/conformance/check.h"

namespace conformance {
namespace {

constexpr std::size_t kBytes = 1000;
constexpr std::align_val_t kAlignment{256};

// Larger than any address space, not larger than PTRDIFF_MAX.
std::size_t too_much() { return opaque<std::size_t>(PTRDIFF_MAX); }

void* filled(void* block, std::size_t alignment = 16) {
  require(block != nullptr, "operator new gave NULL");
  require(reinterpret_cast<std::uintptr_t>(block) % alignment == 0, "%p is not aligned to %zu",
          block, alignment);
  fill(block, kBytes);
  return block;
}

void* checked(void* block) {
  require(is_filled(block, kBytes), "block %p was overwritten", block);
  return block;
}

void plain_new_and_delete_work() {
  for (int i = 0; i < 1000; ++i) {
    operator delete(checked(filled(operator new(kBytes))));
    operator delete[](checked(filled(operator new[](kBytes))));
  }
}
LAB_REGISTER_CHECK(plain_new_and_delete_work);

void sized_delete_works() {
  for (int i = 0; i < 1000; ++i) {
    operator delete(checked(filled(operator new(kBytes))), kBytes);
    operator delete[](checked(filled(operator new[](kBytes))), kBytes);
  }
}
LAB_REGISTER_CHECK(sized_delete_works);

void nothrow_new_and_delete_work() {
  for (int i = 0; i < 1000; ++i) {
    operator delete(checked(filled(operator new(kBytes, std::nothrow))), std::nothrow);
    operator delete[](checked(filled(operator new[](kBytes, std::nothrow))), std::nothrow);
  }
}
LAB_REGISTER_CHECK(nothrow_new_and_delete_work);

void aligned_new_and_delete_work() {
  for (int i = 0; i < 1000; ++i) {
    operator delete(checked(filled(operator new(kBytes, kAlignment), 256)), kAlignment);
    operator delete[](checked(filled(operator new[](kBytes, kAlignment), 256)), kAlignment);
    operator delete(checked(filled(operator new(kBytes, kAlignment), 256)), kBytes, kAlignment);
    operator delete[](checked(filled(operator new[](kBytes, kAlignment), 256)), kBytes, kAlignment);
  }
}
LAB_REGISTER_CHECK(aligned_new_and_delete_work);

void aligned_nothrow_new_and_delete_work() {
  for (int i = 0; i < 1000; ++i) {
    void* one = filled(operator new(kBytes, kAlignment, std::nothrow), 256);
    void* array = filled(operator new[](kBytes, kAlignment, std::nothrow), 256);
    operator delete(checked(one), kAlignment, std::nothrow);
    operator delete[](checked(array), kAlignment, std::nothrow);
  }
}
LAB_REGISTER_CHECK(aligned_nothrow_new_and_delete_work);

void* null() { return opaque<void*>(nullptr); }

void delete_of_null_does_nothing() {
  operator delete(null());
  operator delete[](null());
  operator delete(null(), kBytes);
  operator delete(null(), kAlignment);
  operator delete[](null(), kBytes, kAlignment);
}
LAB_REGISTER_CHECK(delete_of_null_does_nothing);

void new_of_zero_gives_distinct_blocks() {
  void* one = operator new(opaque<std::size_t>(0));
  void* other = operator new(opaque<std::size_t>(0));
  require(one != nullptr && other != nullptr && one != other, "new of 0 bytes: %p, %p", one, other);
  operator delete(one);
  operator delete(other);
}
LAB_REGISTER_CHECK(new_of_zero_gives_distinct_blocks);

template <class Allocate>
void require_bad_alloc(const char* form, Allocate allocate) {
  bool thrown = false;
  try {
    opaque(allocate());
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  require(thrown, "%s of too much did not throw std::bad_alloc", form);
}

void new_of_too_much_throws_bad_alloc() {
  require_bad_alloc("new", [] { return operator new(too_much()); });
  require_bad_alloc("new[]", [] { return operator new[](too_much()); });
  require_bad_alloc("aligned new", [] { return operator new(too_much(), kAlignment); });
  require_bad_alloc("aligned new[]", [] { return operator new[](too_much(), kAlignment); });
}
LAB_REGISTER_CHECK(new_of_too_much_throws_bad_alloc);

void nothrow_new_of_too_much_gives_null() {
  void* blocks[] = {operator new(too_much(), std::nothrow),
                    operator new[](too_much(), std::nothrow),
                    operator new(too_much(), kAlignment, std::nothrow),
                    operator new[](too_much(), kAlignment, std::nothrow)};
  for (void* block : blocks) require(block == nullptr, "nothrow new of too much gave %p", block);
}
LAB_REGISTER_CHECK(nothrow_new_of_too_much_gives_null);

int handler_calls_left = 0;

void give_up_after_some_calls() {
  if (--handler_calls_left == 0) std::set_new_handler(nullptr);
}

template <class Allocate>
void require_handler_calls(const char* form, Allocate allocate) {
  handler_calls_left = 3;
  std::set_new_handler(give_up_after_some_calls);
  require_bad_alloc(form, allocate);
  require(handler_calls_left == 0, "%s left %d calls of the new handler", form, handler_calls_left);
}

void the_new_handler_is_called_until_it_gives_up() {
  require_handler_calls("new", [] { return operator new(too_much()); });
  require_handler_calls("new[]", [] { return operator new[](too_much()); });
}
LAB_REGISTER_CHECK(the_new_handler_is_called_until_it_gives_up);

void the_new_handler_is_called_for_aligned_new_too() {
  require_handler_calls("aligned new", [] { return operator new(too_much(), kAlignment); });
}
LAB_REGISTER_CHECK(the_new_handler_is_called_for_aligned_new_too);

void an_exception_of_the_new_handler_makes_nothrow_new_give_null() {
  std::set_new_handler([] { throw std::bad_alloc(); });
  void* block = operator new(too_much(), std::nothrow);
  require(block == nullptr, "nothrow new gave %p", block);
}
LAB_REGISTER_CHECK(an_exception_of_the_new_handler_makes_nothrow_new_give_null);

}  // namespace
}  // namespace conformance
