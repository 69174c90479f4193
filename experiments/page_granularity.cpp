// Question:  in what unit does resident memory grow?
// Method:    write a run of bytes at the start of a fresh page-aligned mapping.
// Ideal:     as many pages as the bytes span, one fault each.
// Watch:     a block from malloc starts behind a header: its bytes may span one page more.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"

namespace lab {
namespace {

constexpr std::size_t kBytes = 64 << 10;

void run(Context& lab) {
  const auto written_bytes = static_cast<std::size_t>(lab.param("written_bytes"));
  lab.mark("map");
  unsigned char* memory = map_memory(lab, kBytes);
  advise(memory, kBytes, MADV_NOHUGEPAGE);
  lab.mark("write");
  fill(memory, written_bytes);
  lab.mark("unmap");
  unmap(memory, kBytes);
}

constexpr Description page_granularity{
    .name = "page_granularity",
    .family = "kernel",
    .question = "In what unit does resident memory grow?",
    .method = "Write a run of bytes at the start of a fresh page-aligned mapping.",
    .params = {{"written_bytes", "byte", "bytes written from the start", "1 4KiB 4097",
                "1 1KiB 4KiB 4097 5KiB 7KiB 8KiB 8193"}},
    .phases = {"map", "write", "unmap"},
    .ideals = {{"map", "rss_anon_bytes", nothing, kExact},
               {"map", "minor_faults_count", nothing, kExact},
               {"write", "rss_anon_bytes", bytes_spanned<"written_bytes">, kExact},
               {"write", "minor_faults_count", pages_spanned<"written_bytes">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("Resident memory grows by whole pages", "rss_anon_bytes", In("write"),
                   Over("written_bytes"), kSinceStart)},
    .claims = {"page-granular"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(page_granularity);

}  // namespace
}  // namespace lab
