// Question:  how much memory does one touched byte cost with and without huge pages?
// Method:    a mapping aligned to 2 MiB, advised or not; touch one byte of each 2 MiB, by reading
//            or writing.
// Ideal:     one small page per byte touched; for reads none.
// Watch:     with THP `always` memory that was not advised is huge too; with `never` none is.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

constexpr std::size_t kHugeBytes = 2 << 20;

std::int64_t small_pages(const Point& point, std::int64_t page_bytes) {
  return point.is("touch", "write") ? bytes_of_pages<"touched_bytes">(point, page_bytes) : 0;
}

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("touched_bytes"));
  const int advice = lab.is("advice", "hugepage") ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
  const bool advised = !lab.is("advice", "none");
  const bool write = lab.is("touch", "write");
  lab.mark("map");
  unsigned char* memory = map_aligned(lab, count * kHugeBytes, kHugeBytes);
  if (advised && !advise(memory, count * kHugeBytes, advice))
    lab.skip("this kernel has no transparent huge pages");
  lab.mark("touch");
  touch_pages(memory, count, kHugeBytes, write);
  lab.mark("unmap");
  unmap(memory, count * kHugeBytes);
}

constexpr Description thp_amplify{
    .name = "thp_amplify",
    .family = "kernel",
    .question = "How much memory does one touched byte cost with and without huge pages?",
    .method = "A mapping aligned to 2 MiB, advised or not; touch one byte of each 2 MiB.",
    .params = {{"advice", "token", "what madvise says of the mapping", "none hugepage nohugepage"},
               {"touch", "token", "what is done to each byte", "write read"},
               {"touched_bytes", "count", "bytes touched, one in each 2 MiB", "1", "1 8",
                "1 8 64"}},
    .phases = {"map", "touch", "unmap"},
    .ideals = {{"touch", "rss_anon_bytes", small_pages},
               {"touch", "minor_faults_count", param<"touched_bytes">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("Resident memory for the bytes touched", "rss_anon_bytes", In("touch"),
                   Over("touched_bytes"), Series("advice"), Panels("touch"), kSinceStart),
              view("Of that in huge pages", "anon_huge_bytes", In("touch"), Over("touched_bytes"),
                   Series("advice"), Panels("touch"))},
    .table = view("RSS anon since the start", "rss_anon_bytes", In("touch"), Over("advice"),
                  Panels("touch"), Where("touched_bytes=1"), kSinceStart),
    .claims = {"thp-amplify"},
    .needs = memory_of<"touched_bytes", kHugeBytes>,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(thp_amplify);

}  // namespace
}  // namespace lab
