// Thread cache: what one thread owns. Per size class it has one current slab, whose free list
// serves malloc, and the slabs that wait with room in them; a refill makes one of those current and
// so brings a batch of blocks at once. Blocks freed by other threads arrive in the inbox, chained,
// with one atomic operation per chain; blocks of other owners that this thread frees leave through
// the outbox. Empty spans are kept up to a limit of bytes.
//
// Of medium blocks few fill a slab, so a list per slab would run dry at nearly every call. What the
// owner frees stays at hand instead, a list per class, and the block freed last goes first.
//
// Rules: one thread uses a cache at a time; others may only push to its inbox. Caches are never
// freed, a later thread adopts them, so a pointer to one stays good for ever.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "parcel.h"
#include "size_class.h"
#include "slab.h"

namespace reference {

extern Span no_slab;  // the empty slab: current where there is none

class ThreadCache {
 public:
  constexpr ThreadCache() {
    for (Span*& slab : current_) slab = &no_slab;
    if (std::is_constant_evaluated()) clear_ready_blocks();  // else they stay untouched memory
  }

  Span* current(unsigned size_class) const { return current_[size_class]; }

  // Returns a block of the class when the current slab has none left, or nullptr when memory is
  // exhausted.
  Block* refill(unsigned size_class);

  // Takes the block of the class that was freed last, or nullptr. Requires: the class is medium.
  Block* take_ready(unsigned size_class) {
    const std::size_t medium = std::size_t{size_class} - kFirstMedium;
    Ready& ready = ready_[medium];
    if (ready.count == 0) return nullptr;
    Block* block = ready_blocks_[--ready.count][medium];
    if (block == nullptr) __builtin_unreachable();
    return block;
  }

  // Keeps a block of a medium class at hand. Returns false when there are too many: shorten_ready
  // is due. Requires: this cache owns the slab.
  bool make_ready(const Span* slab, Block* block) {
    const std::size_t medium = std::size_t{slab->size_class} - kFirstMedium;
    Ready& ready = ready_[medium];
    __builtin_prefetch(block, 1);  // it is the next one handed out
    ready_blocks_[ready.count][medium] = block;
    return ++ready.count <= ready.limit;
  }

  // Gives the older half of the ready blocks back to their slabs.
  void shorten_ready(unsigned size_class);

  // Frees a block of a slab that this cache owns.
  void free_own(Span* slab, Block* block) {
    const bool rings = slab::push(slab, block);
    if (knobs.check_level != 0) free_mark::set(block);
    if (rings) on_alarm(slab);
  }

  // The slow half of a free: the slab became empty, or worth visiting again.
  void on_alarm(Span* slab);

  // Sends a block home to its slab's owner, in company with others. Requires: that is not us.
  void free_remote(ThreadCache* owner, Block* block) {
    Parcel& parcel = outbox_[address_of(owner) / kPageBytes % kParcels];
    if (parcel.owner == owner && parcel.has_room()) [[likely]]
      parcel.load(block);
    else start_carrier(parcel, owner, block);
  }

  // The same for a thread without a cache.
  static void free_alone(ThreadCache* owner, Block* block);

  // Takes a span from the kept ones or from the span heap, and back. `zero` of the span is set
  // accordingly.
  Span* take_span(unsigned units);
  void give_span(Span* span);

  // Sends every block home, gives every empty slab and kept span back to the span heap.
  void release();

  // The same, and purges the pages of its slabs that no block in use touches.
  void release_pages();

  // Sends every block home, so that the slabs can be adopted one by one.
  void park();

  // Hands one slab of the class that has room to `heir`. Requires: parked. Returns nullptr when
  // there is none.
  Span* bequeath(unsigned size_class, ThreadCache* heir);

  // Makes a slab of an orphan this cache's own. Requires: it is in no list.
  void inherit(Span* slab) {
    set_owner(slab, this);
    make_available(slab);
  }

  // Blocks under way or at hand: freed by the program, not back in their slab. Requires: no thread
  // allocates or frees.
  void for_each_travelling(void (*visit)(Block* block, void* context), void* context);

  std::size_t kept_span_bytes() const { return kept_bytes_; }
  bool has_mail() const { return inbox_.load(std::memory_order_relaxed) != nullptr; }

  ThreadCache* next_cache = nullptr;  // registry: every cache
  ThreadCache* next_idle = nullptr;   // registry: caches without a thread
  std::uint64_t idle_since = 0;       // registry: when its thread left
  bool is_orphan = false;             // registry: its thread was lost in a fork
  unsigned release_epoch = 0;         // the last release of all that this cache followed

 private:
  static constexpr std::uint32_t kMaxReady = 63;
  static constexpr unsigned kMediumCount = kClasses - kFirstMedium;
  struct Ready {
    std::uint32_t count = 0;
    std::uint32_t limit = 0;  // how many may be kept; 0 until the first one comes
  };
  static constexpr unsigned kParcels = 8;
  static constexpr unsigned kKeptSpans = 16;

  static void send(Parcel& parcel);
  void post(Block* first, Block* last);
  static void start_carrier(Parcel& parcel, ThreadCache* owner, Block* block);
  void send_all();
  void collect();
  constexpr void clear_ready_blocks() {
    for (auto& row : ready_blocks_) {
      for (Block*& block : row) block = nullptr;
    }
  }
  static std::uint32_t max_ready(unsigned size_class);
  void keep_ready(unsigned size_class, std::uint32_t count);
  Span* next_slab(unsigned size_class);
  Span* new_slab(unsigned size_class);
  void make_current(Span* slab);
  void make_available(Span* slab);
  void retire(Span* slab);
  Span* take_kept_span(unsigned units);
  Span* remove_kept(unsigned index);
  void halve_ready();

  Span* current_[kClasses];
  SpanList available_[kClasses];  // with free blocks in front, only to be carved at the back
  Ready ready_[kMediumCount];
  Parcel outbox_[kParcels];
  Span* kept_[kKeptSpans] = {};  // oldest first
  unsigned kept_count_ = 0;
  std::size_t kept_bytes_ = 0;
  // Blocks at hand, a column per medium class, newest last; one may be too many. Their addresses
  // are here and not in the blocks: what was freed long ago need not be touched to be handed out.
  Block* ready_blocks_[kMaxReady + 1][kMediumCount];
  alignas(64) std::atomic<Block*> inbox_ = nullptr;  // written by other threads
};

}  // namespace reference
