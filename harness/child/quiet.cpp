#include "harness/child/quiet.h"

#include <alloca.h>
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

namespace lab::child {

namespace {

constexpr std::size_t kStackBytes = 128 * 1024;

std::uintptr_t page_mask() {
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return ~(page - 1);
}

// Kernels before 5.14 have no MADV_POPULATE_*: touch each page instead.
bool populate(std::uintptr_t begin, std::uintptr_t end, bool write) {
  begin &= page_mask();
  end = (end + ~page_mask()) & page_mask();
  auto* start = reinterpret_cast<void*>(begin);
  if (madvise(start, end - begin, write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0) return true;
  for (std::uintptr_t at = begin; at < end; at += ~page_mask() + 1) {
    auto* byte = reinterpret_cast<volatile char*>(at);
    const char value = *byte;
    if (write) *byte = value;
  }
  return false;
}

struct Walk {
  bool first = true;  // dl_iterate_phdr visits the main program first
  bool complete = true;
};

// Where the part ends that the loader made read-only after relocation (RELRO).
std::uintptr_t read_only_end(const dl_phdr_info& object) {
  for (int i = 0; i < object.dlpi_phnum; ++i)
    if (const auto& segment = object.dlpi_phdr[i]; segment.p_type == PT_GNU_RELRO)
      return object.dlpi_addr + segment.p_vaddr + segment.p_memsz;
  return 0;
}

int populate_object(dl_phdr_info* object, std::size_t, void* data) {
  auto& walk = *static_cast<Walk*>(data);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    const bool write = walk.first && (segment.p_flags & PF_W) != 0;
    // Another library's bss stays untouched: its first use is its own cost.
    const std::uintptr_t end = begin + (write ? segment.p_memsz : segment.p_filesz);
    const std::uintptr_t from = write ? std::max(begin, read_only_end(*object)) : begin;
    if (from < end && !populate(from, end, write)) walk.complete = false;
  }
  walk.first = false;
  return 0;
}

__attribute__((noinline)) void touch_stack() {
  auto* bytes = static_cast<volatile char*>(alloca(kStackBytes));
  for (std::size_t at = 0; at < kStackBytes; at += 4096) bytes[at] = 0;
}

}  // namespace

void free_standard_library_pool() {
  if (void* function = dlsym(RTLD_DEFAULT, "_ZN9__gnu_cxx9__freeresEv"))
    reinterpret_cast<void (*)()>(function)();
}

bool make_present() {
  touch_stack();
  Walk walk;
  dl_iterate_phdr(populate_object, &walk);
  return walk.complete;
}

}  // namespace lab::child
