// Doubly linked lists whose links are members of the elements: an element is in at most one list
// per link. Not thread-safe.
#pragma once

namespace reference {

template <typename T>
struct Link {
  T* next;
  T* prev;
};

template <typename T, Link<T> T::*kLink>
class List {
 public:
  T* front() const { return front_; }
  T* back() const { return back_; }
  static T* next(const T* element) { return (element->*kLink).next; }

  void push_front(T* element) {
    element->*kLink = {front_, nullptr};
    (front_ != nullptr ? (front_->*kLink).prev : back_) = element;
    front_ = element;
  }

  void push_back(T* element) {
    element->*kLink = {nullptr, back_};
    (back_ != nullptr ? (back_->*kLink).next : front_) = element;
    back_ = element;
  }

  void remove(T* element) {
    const Link<T> link = element->*kLink;
    (link.prev != nullptr ? (link.prev->*kLink).next : front_) = link.next;
    (link.next != nullptr ? (link.next->*kLink).prev : back_) = link.prev;
  }

 private:
  T* front_ = nullptr;
  T* back_ = nullptr;
};

}  // namespace reference
