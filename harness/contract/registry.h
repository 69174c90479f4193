// Self-registration without allocation: each file of the catalogue adds one item to an intrusive
// list before main. The catalogue is an OBJECT library; a static one would drop the registrations.
#pragma once

namespace lab {

template <class Item>
class Registration {
 public:
  explicit Registration(const Item& item) : item_(item), next_(first_) { first_ = this; }

  const Item& item() const { return item_; }
  const Registration* next() const { return next_; }
  static const Registration* first() { return first_; }

 private:
  const Item& item_;
  const Registration* next_;
  static inline const Registration* first_ = nullptr;
};

// Returns the registered item called `name`, or nullptr.
template <class Item, class Name>
const Item* find_registered(const Name& name) {
  for (auto* entry = Registration<Item>::first(); entry != nullptr; entry = entry->next())
    if (entry->item().name == name) return &entry->item();
  return nullptr;
}

}  // namespace lab

#define LAB_REGISTER(Type, object) \
  static const ::lab::Registration<Type> registration_of_##object { object }
#define LAB_REGISTER_EXPERIMENT(object)                                          \
  static const ::lab::Registration<::lab::Experiment> registration_of_##object { \
    ::lab::Compact<object>::kExperiment                                          \
  }
#define LAB_REGISTER_ALLOCATOR(object) LAB_REGISTER(::lab::Allocator, object)
#define LAB_REGISTER_CLAIM(object) LAB_REGISTER(::lab::Claim, object)
