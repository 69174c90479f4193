#include "fake_os.h"

#include <errno.h>
#include <sys/mman.h>

#include "os.h"

namespace reference {

constinit FakeOs fake_os;

namespace {

const OsCalls real = os;

bool fails() {
  const std::uint64_t number = ++fake_os.calls;
  if (number < fake_os.fail_from || number >= fake_os.fail_until) return false;
  errno = ENOMEM;
  return true;
}

void* map(void* hint, std::size_t bytes, int protection) {
  if (fails()) return MAP_FAILED;
  void* start = real.map(hint, bytes, protection);
  if (start != MAP_FAILED) fake_os.mapped_bytes += bytes;
  return start;
}

int unmap(void* start, std::size_t bytes) {
  if (fails()) return -1;
  fake_os.mapped_bytes -= bytes;
  return real.unmap(start, bytes);
}

int protect(void* start, std::size_t bytes, int protection) {
  return fails() ? -1 : real.protect(start, bytes, protection);
}

int advise(void* start, std::size_t bytes, int advice) {
  return fails() ? -1 : real.advise(start, bytes, advice);
}

void* remap(void* old, std::size_t old_bytes, std::size_t new_bytes, void* target) {
  if (fails()) return MAP_FAILED;
  void* moved = real.remap(old, old_bytes, new_bytes, target);
  if (moved == MAP_FAILED) return moved;
  // A target was mapped already and is replaced.
  fake_os.mapped_bytes += target == nullptr ? new_bytes - old_bytes : -old_bytes;
  return moved;
}

void* move_break(std::intptr_t bytes) {
  if (bytes != 0 && fails()) return reinterpret_cast<void*>(-1);
  void* start = real.move_break(bytes);
  if (start != reinterpret_cast<void*>(-1)) fake_os.mapped_bytes += static_cast<std::size_t>(bytes);
  return start;
}

std::uint64_t now_ms() { return fake_os.clock_ms; }

[[maybe_unused]] const bool installed = [] {
  os = {map, unmap, protect, advise, remap, move_break, now_ms};
  return true;
}();

}  // namespace

void FakeOs::fail_at(std::uint64_t n, bool for_good) {
  fail_from = calls + n;
  fail_until = for_good ? UINT64_MAX : calls + n + 1;
}

}  // namespace reference
