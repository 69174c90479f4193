// Question:  what does VSZ count that costs no memory?
// Method:    reserve inaccessible address space, map writable memory without touching it, then
//            touch a part of it.
// Ideal:     VSZ grows by all that was asked for; RSS only by what was touched.
// Watch:     inaccessible memory counts in VSZ but not in VmData.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto reserved = static_cast<std::size_t>(lab.param("reserved_bytes"));
  const auto pages = static_cast<std::size_t>(lab.param("touched_pages"));
  lab.mark("reserve");
  map_memory(lab, reserved, MAP_PRIVATE | MAP_NORESERVE, PROT_NONE);
  lab.mark("map");
  unsigned char* memory = map_memory(lab, reserved, MAP_PRIVATE | MAP_NORESERVE);
  advise(memory, reserved, MADV_NOHUGEPAGE);
  lab.mark("touch");
  write_pages(memory, pages, lab.page_bytes());
}

constexpr Description reserve{
    .name = "reserve",
    .family = "kernel",
    .question = "What does VSZ count that costs no memory?",
    .method = "Reserve inaccessible address space, map writable memory, touch a part of it.",
    .params = {{"reserved_bytes", "byte", "size of each mapping", "1GiB", "1GiB",
                "1GiB 64GiB 1024GiB"},
               {"touched_pages", "page", "pages touched in the end", "23", "23 2300"}},
    .phases = {"reserve", "map", "touch"},
    .ideals = {{"reserve", "vsz_bytes", param<"reserved_bytes">, kExact},
               {"reserve", "rss_anon_bytes", nothing, kExact},
               {"reserve", "data_bytes", nothing, kExact},
               {"map", "vsz_bytes", param<"reserved_bytes", 2>, kExact},
               {"map", "data_bytes", param<"reserved_bytes">, kExact},
               {"map", "rss_anon_bytes", nothing, kExact},
               {"touch", "vsz_bytes", param<"reserved_bytes", 2>, kExact},
               {"touch", "rss_anon_bytes", bytes_of_pages<"touched_pages">, kExact}},
    .plots = {view("VSZ counts every promise", "vsz_bytes", Panels("touched_pages"),
                   Where("reserved_bytes=1GiB"), kSinceStart),
              view("RSS anon counts what was touched", "rss_anon_bytes", Panels("touched_pages"),
                   Where("reserved_bytes=1GiB"), kSinceStart)},
    .table = view("VSZ since the start", "vsz_bytes", Where("reserved_bytes=1GiB touched_pages=23"),
                  kSinceStart),
    .claims = {"vsz-includes-all"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(reserve);

}  // namespace
}  // namespace lab
