#include "pages.h"

#include <sys/mman.h>

#include <atomic>

#include "bits.h"
#include "os.h"

namespace reference::pages {
namespace {

// Reservations are tried just below the last one, so that neighbours merge into one mapping and
// need no alignment slop.
std::atomic<std::uintptr_t> last_start = 0;

// The stretch of the heap segment (brk) that is ours: [break_low, break_high).
std::atomic<std::uintptr_t> break_low = 0;
std::atomic<std::uintptr_t> break_high = 0;

std::atomic<std::size_t> stranded = 0;

void* map_none(std::uintptr_t hint, std::size_t bytes) {
  void* start = os.map(reinterpret_cast<void*>(hint), bytes, PROT_NONE);
  return start == MAP_FAILED ? nullptr : start;
}

// Reserves more than asked and cuts off both ends.
void* reserve_with_slop(std::size_t bytes, std::size_t alignment, std::size_t lead) {
  std::size_t total;
  if (__builtin_add_overflow(bytes, alignment - kPageBytes, &total)) return nullptr;
  void* raw = map_none(0, total);
  if (raw == nullptr) return nullptr;
  const std::size_t before = align_up(address_of(raw) + lead, alignment) - lead - address_of(raw);
  const std::size_t after = total - before - bytes;
  if (before != 0) drop(raw, before);
  if (after != 0) drop(offset(raw, before + bytes), after);
  return offset(raw, before);
}

void* reserve_by_mmap(std::size_t bytes, std::size_t alignment, std::size_t lead) {
  const std::uintptr_t above = last_start;
  if (above / 2 > bytes && above / 2 > alignment) {
    const std::uintptr_t aligned = ((above - bytes + lead) & ~(alignment - 1)) - lead;
    void* start = map_none(aligned, bytes);
    if (start == nullptr) return nullptr;
    if ((address_of(start) + lead) % alignment == 0) return start;
    drop(start, bytes);
  }
  return reserve_with_slop(bytes, alignment, lead);
}

void* reserve_by_brk(std::size_t bytes, std::size_t alignment) {
  const std::uintptr_t top = address_of(os.move_break(0));
  const std::size_t pad = align_up(top, alignment) - top;
  void* old_top = os.move_break(static_cast<std::intptr_t>(pad + bytes));
  if (old_top == reinterpret_cast<void*>(-1)) return nullptr;
  if (address_of(old_top) != top) {  // another thread moved the break
    stranded += pad + bytes;
    return nullptr;
  }
  stranded += pad;
  if (break_low == 0) break_low = top + pad;
  break_high = top + pad + bytes;
  return offset(old_top, pad);
}

bool is_from_brk(const void* start) {
  return address_of(start) >= break_low && address_of(start) < break_high;
}

bool release_to_brk(void* start, std::size_t bytes) {
  const std::uintptr_t end = address_of(start) + bytes;
  if (end != break_high || address_of(os.move_break(0)) != end) return false;
  if (os.move_break(-static_cast<std::intptr_t>(bytes)) == reinterpret_cast<void*>(-1))
    return false;
  break_high = address_of(start);
  return true;
}

}  // namespace

void* reserve(std::size_t bytes, std::size_t alignment, std::size_t lead, Source source) {
  if (source == Source::brk && lead == 0) {
    if (void* start = reserve_by_brk(bytes, alignment)) return start;
  }
  void* start = reserve_by_mmap(bytes, alignment, lead);
  if (start != nullptr) last_start = address_of(start);
  return start;
}

bool commit(void* start, std::size_t bytes) {
  if (is_from_brk(start)) return true;
  if (os.protect(start, bytes, PROT_READ | PROT_WRITE) != 0) return false;
  if (knobs.huge_pages) os.advise(start, bytes, MADV_HUGEPAGE);
  return true;
}

void* map(std::size_t bytes, std::size_t committed_bytes, std::size_t alignment, std::size_t lead,
          Source source) {
  void* start = reserve(bytes, alignment, lead, source);
  if (start == nullptr || commit(start, committed_bytes)) return start;
  drop(start, bytes);
  return nullptr;
}

bool purge(void* start, std::size_t bytes) { return os.advise(start, bytes, MADV_DONTNEED) == 0; }

bool release(void* start, std::size_t bytes) {
  if (is_from_brk(start)) return release_to_brk(start, bytes);
  return os.unmap(start, bytes) == 0;
}

bool release_or_purge(void* start, std::size_t bytes) {
  if (release(start, bytes)) return true;
  purge(start, bytes);
  return false;
}

void drop(void* start, std::size_t bytes) {
  if (!release_or_purge(start, bytes)) stranded += bytes;
}

std::size_t stranded_bytes() { return stranded; }

void* resize(void* start, std::size_t old_bytes, std::size_t new_bytes, std::size_t alignment,
             bool may_move) {
  if (os.remap(start, old_bytes, new_bytes, nullptr) != MAP_FAILED) return start;
  void* target = may_move ? reserve(new_bytes, alignment, 0, Source::mmap) : nullptr;
  if (target == nullptr || os.remap(start, old_bytes, new_bytes, target) != MAP_FAILED)
    return target;
  drop(target, new_bytes);
  return nullptr;
}

bool guard(void* start, std::size_t bytes) { return os.protect(start, bytes, PROT_NONE) == 0; }

bool unguard(void* start, std::size_t bytes) {
  return os.protect(start, bytes, PROT_READ | PROT_WRITE) == 0;
}

}  // namespace reference::pages
