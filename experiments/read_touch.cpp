// Question:  does reading an untouched page make it resident?
// Method:    read every page of a fresh mapping, then write every page.
// Ideal:     the read maps the shared zero page: faults, no RSS; the write faults again and pays.
// Watch:     with huge pages a read may map the huge zero page: one fault for 512 pages.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("pages"));
  const std::size_t page_bytes = lab.page_bytes();
  lab.mark("map");
  unsigned char* memory = map_memory(lab, count * page_bytes);
  advise(memory, count * page_bytes, MADV_NOHUGEPAGE);
  lab.mark("read");
  read_pages(memory, count, page_bytes);
  lab.mark("write");
  write_pages(memory, count, page_bytes);
  lab.mark("unmap");
  unmap(memory, count * page_bytes);
}

constexpr Description read_touch{
    .name = "read_touch",
    .family = "kernel",
    .question = "Does reading an untouched page make it resident?",
    .method = "Read every page of a fresh mapping, then write every page.",
    .params = {{"pages", "page", "pages read, then written", "1 23", "1 23 230",
                "1 23 230 2300 23000"}},
    .phases = {"map", "read", "write", "unmap"},
    .ideals = {{"map", "minor_faults_count", nothing, kExact},
               {"read", "minor_faults_count", param<"pages">, kExact},
               {"read", "rss_anon_bytes", nothing, kExact},
               {"write", "minor_faults_count", param<"pages">, kExact},
               {"write", "rss_anon_bytes", bytes_of_pages<"pages">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("Reading costs faults but no memory; writing costs both", "rss_anon_bytes",
                   Panels("pages"), kSinceStart),
              view("Every page faults twice: at its first read and at its first write",
                   "minor_faults_count", Panels("pages"))},
    .table = view("RSS anon since the start, after reading", "rss_anon_bytes", In("read"),
                  Over("pages"), kSinceStart),
    .claims = {"read-touch"},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(read_touch);

}  // namespace
}  // namespace lab
