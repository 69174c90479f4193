// A short list held by value, so that a description is one constant written in one piece: C++20 has
// no constexpr container. More than `most` items do not compile.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>

namespace lab {

template <class T, std::size_t most>
class Few {
 public:
  constexpr Few() = default;
  constexpr Few(std::initializer_list<T> items) {
    for (const T& item : items) items_[count_++] = item;
  }
  template <std::size_t count>
  constexpr Few(const T (&items)[count]) {
    static_assert(count <= most);
    for (const T& item : items) items_[count_++] = item;
  }

  constexpr operator std::span<const T>() const { return {items_, count_}; }
  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + count_; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr std::size_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }

 private:
  T items_[most] = {};
  std::size_t count_ = 0;
};

}  // namespace lab
