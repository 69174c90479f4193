// The pages that the parent shares with one measured process at a time. Made once and reused: a fresh
// memfd for every run would cost a hundred page faults. Requires: one run at a time per slot.
#pragma once

#include "harness/child/protocol.h"
#include "harness/sample/file_descriptor.h"

namespace lab {

class SharedSlot {
 public:
  SharedSlot();
  ~SharedSlot();
  SharedSlot(const SharedSlot&) = delete;
  SharedSlot& operator=(const SharedSlot&) = delete;

  // Forgets the previous run.
  void reset();
  const protocol::SharedPages& pages() const { return *pages_; }
  int fd() const { return memory_.number(); }

 private:
  FileDescriptor memory_;
  protocol::SharedPages* pages_;
};

}  // namespace lab
