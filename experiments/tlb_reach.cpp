// Question:  what does address translation cost as the touched range grows, with small and huge
//            pages?
// Method:    write a range, then chase pointers through its cache lines in a random cycle, a
//            fixed number of steps.
// Ideal:     no page-table memory and a constant time per step.
// Watch:     larger ranges also leave the caches: compare small with huge pages at the same
//            range.
#include <utility>

#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kHugeBytes = 2 << 20;
constexpr std::size_t kSlotBytes = 256;  // a pointer each, so that many pages are in play

// Links the slots of `memory` into one random cycle (Sattolo's shuffle).
void link_cycle(unsigned char* memory, std::size_t slots, Rng rng) {
  const auto slot = [memory](std::size_t i) -> void*& {
    return *reinterpret_cast<void**>(memory + i * kSlotBytes);
  };
  for (std::size_t i = 0; i < slots; ++i) slot(i) = memory + i * kSlotBytes;
  for (std::size_t i = slots - 1; i > 0; --i) std::swap(slot(i), slot(rng.below(i)));
}

// One table entry of eight bytes for each page.
std::int64_t table_bytes(const Point& point, std::int64_t page_bytes) {
  const bool huge = point.is("advice", "hugepage");
  const std::int64_t unit = huge ? static_cast<std::int64_t>(kHugeBytes) : page_bytes;
  return pages_for(point.number("range_bytes") / unit * 8, page_bytes) * page_bytes;
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("range_bytes"));
  const std::int64_t steps = lab.param("steps");
  const int advice = lab.is("advice", "hugepage") ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
  const Rng rng = lab.rng();
  unsigned char* memory = map_aligned(lab, bytes, kHugeBytes);
  if (!advise(memory, bytes, advice)) lab.skip("this kernel has no transparent huge pages");

  lab.mark("write");
  write_pages(memory, bytes / lab.page_bytes(), lab.page_bytes());
  lab.mark("link");
  link_cycle(memory, bytes / kSlotBytes, rng);
  lab.mark("chase");
  void* volatile* at = reinterpret_cast<void* volatile*>(memory);
  for (std::int64_t i = 0; i < steps; ++i) at = static_cast<void* volatile*>(*at);
  lab.observe("last_address", static_cast<void*>(const_cast<void**>(at)));
  lab.mark("unmap");
  unmap(memory, bytes);
}

constexpr Description tlb_reach{
    .name = "tlb_reach",
    .family = "kernel",
    .question = "What does address translation cost as the range grows, with small and huge pages?",
    .method = "Write a range, then chase pointers through it a fixed number of steps.",
    .params = {{"range_bytes", "byte", "size of the range", "4MiB", "4MiB 32MiB 128MiB",
                "1MiB 2MiB 4MiB 8MiB 16MiB 32MiB 64MiB 128MiB 256MiB 512MiB 1GiB"},
               {"advice", "token", "what madvise says of the range", "nohugepage hugepage"},
               {"steps", "count", "steps of the chase", "1000", "100000", "10000000"}},
    .phases = {"write", "link", "chase", "unmap"},
    .metrics = {observed("last_address", "address", "where the chase ended")},
    .ideals = {{"write", "page_table_bytes", table_bytes},
               {"write", "rss_anon_bytes", param<"range_bytes">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("Page tables grow with the range, with huge pages as without",
                   "page_table_bytes", In("write"), Over("range_bytes"), Series("advice"),
                   kSinceStart),
              view("Time of the same number of steps", "wall_ns", In("chase"), Over("range_bytes"),
                   Series("advice"))},
    .table = view("Page-table bytes since the start", "page_table_bytes", In("write"),
                  Over("range_bytes"), Panels("advice"), kSinceStart),
    .claims = {"tlb-reach"},
    .needs = memory_of<"range_bytes">,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(tlb_reach);

}  // namespace
}  // namespace lab
