#include "harness/run/shared_slot.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

namespace lab {

SharedSlot::SharedSlot() : memory_(memfd_create("alloclab-pages", MFD_CLOEXEC)) {
  const auto failed = [](const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
  };
  if (!memory_) failed("making the shared pages: memfd_create");
  if (ftruncate(memory_.number(), sizeof(protocol::SharedPages)) != 0)
    failed("making the shared pages: ftruncate");
  void* mapped = mmap(nullptr, sizeof(protocol::SharedPages), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_POPULATE, memory_.number(), 0);
  if (mapped == MAP_FAILED) failed("making the shared pages: mmap");
  pages_ = static_cast<protocol::SharedPages*>(mapped);
}

SharedSlot::~SharedSlot() { munmap(pages_, sizeof *pages_); }

void SharedSlot::reset() {
  // The tables behind the counts are overwritten as they fill up.
  std::memset(static_cast<void*>(pages_), 0, offsetof(protocol::SharedPages, observations));
}

}  // namespace lab
