#include "model.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "require.h"
#include "subject.h"

namespace trust {
namespace {

constexpr std::size_t kDefaultAlignment = 16;
constexpr std::size_t kCallocCount = 7;

void* call(const Operation& operation) {
  switch (operation.kind) {
    case Kind::allocate_zeroed:
      return operation.bytes % kCallocCount == 0
                 ? subject::allocate_zeroed(kCallocCount, operation.bytes / kCallocCount)
                 : subject::allocate_zeroed(1, operation.bytes);
    case Kind::allocate_aligned:
      return subject::allocate_aligned(operation.alignment, operation.bytes);
    case Kind::allocate_posix:
      return subject::allocate_posix(operation.alignment, operation.bytes);
    default:
      return subject::allocate(operation.bytes);
  }
}

bool is_aligned_kind(Kind kind) {
  return kind == Kind::allocate_aligned || kind == Kind::allocate_posix;
}

}  // namespace

void Model::count_failure(std::size_t bytes) {
  const int code = errno;
  require(failure_ == Failure::allowed, "%zu bytes were refused", bytes);
  require(code == ENOMEM, "%zu bytes were refused with errno %d", bytes, code);
  ++failures_;
}

void Model::allocate(const Operation& operation, Placed& into) {
  deallocate(into);
  errno = 0;
  void* block = call(operation);
  if (block == nullptr) return count_failure(operation.bytes);
  into = {block, operation.bytes};
  require(subject::usable_bytes(block) >= into.bytes, "block %p has %zu usable bytes of %zu", block,
          subject::usable_bytes(block), into.bytes);
  shadow_.add(into, is_aligned_kind(operation.kind) ? operation.alignment : kDefaultAlignment,
              operation.kind == Kind::allocate_zeroed ? into.bytes : 0);
}

void Model::reallocate(Placed& placed, std::size_t bytes) {
  if (placed.block != nullptr) shadow_.remove(placed);
  errno = 0;
  void* block = subject::reallocate(placed.block, bytes);
  if (block == nullptr) {
    count_failure(bytes);
    if (placed.block != nullptr) shadow_.receive(placed);
    return;
  }
  const Placed old = std::exchange(placed, {block, bytes});
  if (old.block != nullptr) require_pattern(block, old, bytes);
  shadow_.add(placed, kDefaultAlignment, 0);
}

void Model::deallocate(Placed& placed) {
  const Placed old = std::exchange(placed, {});
  if (old.block != nullptr) shadow_.remove(old);
  constexpr int kAnyErrno = 12345;
  errno = kAnyErrno;
  subject::deallocate(old.block);
  require(errno == kAnyErrno, "free changed errno to %d", errno);
}

void Model::use_all(Placed& placed) {
  if (placed.block == nullptr) return;
  shadow_.remove(placed);
  placed.bytes = subject::usable_bytes(placed.block);
  shadow_.add(placed, 1, 0);
}

void Model::apply(const Operation& operation) {
  Placed& placed = slot(operation.slot);
  switch (operation.kind) {
    case Kind::reallocate:
      return reallocate(placed, std::max<std::size_t>(operation.bytes, 1));
    case Kind::deallocate:
      return deallocate(placed);
    case Kind::use_all:
      return use_all(placed);
    case Kind::trim:
      return subject::trim();
    case Kind::pass_time:
      return subject::pass_time(static_cast<unsigned>(operation.bytes % 2000));
    default:
      return allocate(operation, placed);
  }
}

Placed Model::hand_over(std::size_t number) {
  const Placed placed = std::exchange(slot(number), {});
  if (placed.block != nullptr) shadow_.remove(placed);
  return placed;
}

void Model::receive(std::size_t number, Placed placed) {
  deallocate(slot(number));
  slot(number) = placed;
  if (placed.block != nullptr) shadow_.receive(placed);
}

void Model::check_all() const {
  for (const Placed& placed : slots_) {
    if (placed.block != nullptr) require_pattern(placed.block, placed, placed.bytes);
  }
}

void Model::clear() {
  for (Placed& placed : slots_) deallocate(placed);
  require(shadow_.live_blocks() == 0, "%zu blocks in no slot", shadow_.live_blocks());
}

}  // namespace trust
