// A heap user with a shadow: applies operations to the functions under test and checks all that
// they promise, block by block. The same model serves random tests, injected failures and the
// fuzzer, which differ only in where operations come from. Not thread-safe; blocks may be handed to
// another model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shadow.h"

namespace trust {

enum class Kind : std::uint8_t {
  allocate,
  allocate_zeroed,
  allocate_aligned,
  allocate_posix,
  reallocate,
  deallocate,
  use_all,  // writes to all that usable_bytes allows
  trim,
  pass_time,
};
inline constexpr unsigned kKinds = 9;

struct Operation {
  Kind kind = Kind::allocate;
  std::size_t slot = 0;  // an occupied one is freed first when the operation allocates
  std::size_t bytes = 0;
  std::size_t alignment = 1;  // a power of two
};

class Model {
 public:
  enum class Failure { forbidden, allowed };  // may an allocation return nullptr with ENOMEM?

  Model(std::size_t slots, Failure failure) : slots_(slots), failure_(failure) {}

  void apply(const Operation& operation);

  // Takes a block out of a slot, to be freed by whoever receives it. May be empty.
  Placed hand_over(std::size_t slot);
  void receive(std::size_t slot, Placed placed);

  // Checks every block; frees every block.
  void check_all() const;
  void clear();

  std::size_t live_blocks() const { return shadow_.live_blocks(); }
  std::size_t failures() const { return failures_; }

 private:
  Placed& slot(std::size_t number) { return slots_[number % slots_.size()]; }
  void allocate(const Operation& operation, Placed& into);
  void reallocate(Placed& placed, std::size_t bytes);
  void deallocate(Placed& placed);
  void use_all(Placed& placed);
  void count_failure(std::size_t bytes);

  std::vector<Placed> slots_;
  Shadow shadow_;
  Failure failure_;
  std::size_t failures_ = 0;
};

}  // namespace trust
