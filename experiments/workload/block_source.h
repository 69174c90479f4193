// Where a loop gets its blocks: from the allocator, or, for the control, from a fixed place per
// slot. The same loop then runs without an allocator, and scaling can be told relative to it.
#pragma once

#include <cstddef>
#include <cstdlib>

#include "harness/contract/context.h"

namespace lab {

class BlockSource {
 public:
  // Takes the experiment's parameter `workload`: allocate or control. The control has `slots`
  // places of `place_bytes` each in scratch. Requires: before the first mark.
  BlockSource(Context& lab, std::size_t slots, std::size_t place_bytes)
      : BlockSource(lab.is("workload", "control")
                        ? static_cast<char*>(lab.scratch(slots * place_bytes))
                        : nullptr,
                    place_bytes) {}
  // With places: the control. Without: the allocator.
  BlockSource(char* places, std::size_t place_bytes) : places_(places), place_bytes_(place_bytes) {}

  bool allocates() const { return places_ == nullptr; }

  // Requires bytes <= place_bytes, and in the control that the slot's place is not in use.
  void* take(std::size_t slot, std::size_t bytes) const {
    return allocates() ? std::malloc(bytes) : places_ + slot * place_bytes_;
  }
  void give_back(void* block) const {
    if (allocates()) std::free(block);
  }

 private:
  char* places_;
  std::size_t place_bytes_;
};

}  // namespace lab
