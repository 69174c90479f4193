// Thread cache: what one thread owns. Per size class it has a bin, a small stack of free blocks
// that serves malloc and takes what the thread frees, whoever's it is; and the slabs that the bin
// is refilled from. What finds its bin full goes home: to the thread's own slab, or in a parcel to
// the inbox of the cache that owns the slab, with one atomic operation per parcel. Empty slabs and
// freed large blocks are kept as spans up to a limit of bytes.
//
// A bin holds addresses: a free block is not read nor written until it is handed out or travels.
//
// Rules: one thread uses a cache at a time; others may only push to its inbox. Caches are never
// freed, a later thread adopts them, so a pointer to one stays good for ever.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "os.h"
#include "parcel.h"
#include "size_class.h"

namespace reference {

class ThreadCache {
 public:
  constexpr ThreadCache() {
    if (!std::is_constant_evaluated()) return;  // the rows stay untouched memory
    for (auto& row : rows_) std::fill(row, row + kBinBlocks + 1, nullptr);
  }

  // Takes the block of the class that was freed last, or nullptr.
  Block* take(unsigned size_class) {
    Bin& bin = bins_[size_class];
    Block* block = bin.top;
    if (block != nullptr) [[likely]]
      bin.top = *--bin.end;
    return block;
  }

  // Puts a free block into its bin. Returns false when there is no room.
  bool put(unsigned size_class, Block* block) {
    Bin& bin = bins_[size_class];
    if (bin.end == bin.limit) [[unlikely]]
      return false;
    *bin.end++ = bin.top;
    bin.top = block;
    return true;
  }

  // Like take, and brings a batch into the bin when it is empty. Returns nullptr when memory is
  // exhausted.
  Block* refill(unsigned size_class);

  // Gives a block of the cache's own slabs back, past the bin. Returns false when there is more to
  // do: then deallocate does it.
  bool give_back(Block* block) {
    Span* slab = span_of(block);
    // Neither full before nor empty afterwards, in one comparison.
    if (slab->used - 2u >= slab->capacity - 2u) return false;
    slab::give(slab, block);
    return true;
  }

  // Starts a block of another cache's slab on its way home. Returns false, having done nothing,
  // when it is not such a block or this is the empty cache.
  bool send(Block* block);

  // Gives any block of a slab back, past the bin.
  void deallocate(Block* block);

  // Sends a block home for a thread without a cache.
  static void send_home(Block* block);

  // Takes a span from the kept ones or from the span heap, and back. `zero` of the span is set
  // accordingly.
  Span* take_span(unsigned units);
  void give_span(Span* span);

  // Sends every block home, so that the slabs can be adopted one by one.
  void park();

  // The same, and gives every empty slab and kept span back to the span heap.
  void release();

  // The same, and purges the pages of its slabs that no block in use touches.
  void release_pages();

  // Takes a slab of the class that has free blocks out of the cache and makes it that of `heir`,
  // who lists it. Returns nullptr when there is none.
  Span* bequeath(unsigned size_class, ThreadCache* heir);

  // Puts a span of its own that is in no list into one, whatever its thread was about to do with
  // it.
  void reclaim(Span* span);

  // Blocks freed by the program that are not back in their slab: under way or in a bin. Requires:
  // no thread allocates or frees.
  void for_each_travelling(void (*visit)(Block* block, void* context), void* context);

  std::size_t kept_span_bytes() const { return kept_bytes_; }
  bool has_mail() const { return inbox_.load(std::memory_order_relaxed) != nullptr; }

  ThreadCache* next_cache = nullptr;  // registry: every cache
  ThreadCache* next_idle = nullptr;   // registry: caches without a thread
  std::uint64_t idle_since = 0;       // registry: when its thread left
  bool is_idle = false;               // registry: it has no thread
  bool is_orphan = false;             // registry: its thread was lost in a fork
  unsigned release_epoch = 0;         // the last release of all that this cache followed

 private:
  static constexpr std::size_t kBinBlocks = 63;
  static constexpr unsigned kRows = (kClasses + 7) / 8 * 8;  // whole pages

  // A stack. The top is beside its row, so that taking the block that was just put need not wait
  // for the row. Below the last block lies nullptr. All nullptr until the first refill, and for
  // what is not of a slab.
  struct Bin {
    Block* top = nullptr;
    Block** end = nullptr;    // of the row: one block less than the bin holds, and the nullptr
    Block** limit = nullptr;  // where the row may end
  };

  static constexpr unsigned kParcels = 4;

  static void send(Parcel& parcel);
  static std::size_t max_blocks(unsigned size_class);
  Span* next_slab(unsigned size_class);
  void empty_bin(unsigned size_class);
  void collect();
  void keep(Span* span);
  void remove_kept(Span* span);
  void release_kept(std::size_t bytes);

  Bin bins_[kClasses + 1];
  SpanList slabs_[kClasses];  // those with free blocks
  SpanList kept_;             // newest first
  unsigned to_empty_ = 0;     // the class whose bin goes home next
  std::size_t kept_bytes_ = 0;
  alignas(64) std::atomic<Block*> inbox_ = nullptr;  // written by other threads
  Parcel outbox_[kParcels];
  alignas(kPageBytes) Block* rows_[kRows][kBinBlocks + 1];
};

}  // namespace reference
