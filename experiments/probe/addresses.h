// Where the objects of a program lie, as a record of one size in every build: the body of
// address_space looks at its own, the probe programs beside it write theirs to standard output.
// Never allocates.
#pragma once

#include <cpuid.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

namespace lab::probe {

struct Addresses {
  std::uint64_t pointer_bytes;
  std::uint64_t code, read_only, data, zeroed, heap, mapping, stack;
  std::uint64_t user_space_end;  // the first address that no page can have
};

// What a record tells of, from low to high as programs usually lie.
struct Place {
  const char* name;
  std::uint64_t Addresses::*address;
};
inline constexpr Place kPlaces[] = {
    {"code", &Addresses::code},   {"read_only", &Addresses::read_only},
    {"data", &Addresses::data},   {"zeroed", &Addresses::zeroed},
    {"heap", &Addresses::heap},   {"mapping", &Addresses::mapping},
    {"stack", &Addresses::stack}, {"end_of_user_space", &Addresses::user_space_end},
};

// The widths of addresses that the processor names.
struct AddressBits {
  bool known;
  unsigned physical, linear;
};
inline AddressBits address_bits() {
  unsigned a = 0, b, c, d;
  const bool known = __get_cpuid(0x80000008, &a, &b, &c, &d) != 0;
  return {known, a & 0xff, a >> 8 & 0xff};
}

inline std::uint64_t address_of(const volatile void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

// Whether a page at `address` can be mapped, or is already. Requires Linux 4.17: older kernels take
// the address for a hint.
inline bool in_user_space(std::uint64_t address, std::size_t page_bytes) {
  auto* wanted = reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));
  void* got =
      mmap(wanted, page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (got == MAP_FAILED) return errno == EEXIST;
  munmap(got, page_bytes);
  return got == wanted;
}

// Bisects to the page between 1 GiB and the last address that a pointer can hold.
inline std::uint64_t user_space_end(std::size_t page_bytes) {
  std::uint64_t inside = (std::uint64_t{1} << 30) / page_bytes;
  std::uint64_t outside = UINTPTR_MAX / page_bytes;
  while (outside - inside > 1) {
    const std::uint64_t middle = inside + (outside - inside) / 2;
    (in_user_space(middle * page_bytes, page_bytes) ? inside : outside) = middle;
  }
  return outside * page_bytes;
}

inline const int read_only_object = 1;
inline volatile int initialised_object = 2;
inline volatile int zeroed_object;

// `heap` is a small block of the caller's malloc.
inline Addresses look_around(const void* heap, std::size_t page_bytes) {
  int on_stack = 0;
  const void* mapping = mmap(nullptr, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return {sizeof(void*),
          address_of(reinterpret_cast<const void*>(&user_space_end)),
          address_of(&read_only_object),
          address_of(&initialised_object),
          address_of(&zeroed_object),
          address_of(heap),
          address_of(mapping),
          address_of(&on_stack),
          user_space_end(page_bytes)};
}

}  // namespace lab::probe
