// Question: Does the lab see exactly what a process does, and nothing of its own?
// Method:   Touch a known number of fresh pages from mmap, from brk, or in another thread; make a
//           known number of system calls. Everything is known on paper.
// Ideal:    One fault and one resident page for each page touched; one event for each call; nothing
//           in the quiet phase.
// Watch:    This is the instrument's own test: a difference here makes every other number doubtful.
#include <unistd.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/thread_team.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

// Memory is asked for in every run, whether touched or not.
std::int64_t once_if_mmap(const Point& point, std::int64_t) {
  return point.is("source", "brk") ? 0 : 1;
}
std::int64_t once_if_brk(const Point& point, std::int64_t) {
  return point.is("source", "brk") ? 1 : 0;
}

unsigned char* obtain(Context& lab, std::size_t length) {
  if (!lab.is("source", "brk")) return map_memory(lab, length);
  void* memory = sbrk(static_cast<std::intptr_t>(length));
  if (memory == reinterpret_cast<void*>(-1)) lab.fail("sbrk failed");
  return static_cast<unsigned char*>(memory);
}

void run(Context& lab) {
  const auto count = static_cast<std::size_t>(lab.param("pages"));
  const bool in_thread = lab.is("source", "thread");
  const std::size_t page = lab.page_bytes();
  const std::size_t length = (count + 1) * page;
  ThreadTeam team(1);

  lab.mark("quiet");
  lab.mark("obtain");
  unsigned char* memory = obtain(lab, length);
  memory += (page - reinterpret_cast<std::uintptr_t>(memory) % page) % page;
  lab.mark("touch");
  if (in_thread) team.run([=](int) { write_pages(memory, count, page); });
  else write_pages(memory, count, page);
  lab.mark("end");
}

constexpr Description known_work{
    .name = "known_work",
    .family = "kernel",
    .question = "Does the lab see exactly what a process does, and nothing of its own?",
    .method =
        "Touch a known number of fresh pages from mmap, from brk, or in another thread, between "
        "marks; compare with what is known on paper.",
    .params = {{"pages", "page", "fresh pages written", "0 23 230"},
               {"source", "token", "where they come from and who writes them", "mmap brk thread"}},
    .phases = {"quiet", "obtain", "touch"},
    .ideals = {{"quiet", "minor_faults_count", nothing, kExact},
               {"quiet", "perf_minor_faults_count", nothing, kExact},
               {"quiet", "brk_calls_count", nothing, kExact},
               {"quiet", "mmap_calls_count", nothing, kExact},
               {"quiet", "munmap_calls_count", nothing, kExact},
               {"quiet", "madvise_calls_count", nothing, kExact},
               {"quiet", "rss_anon_bytes", nothing, kExact},
               {"obtain", "mmap_calls_count", once_if_mmap, kExact},
               {"obtain", "brk_calls_count", once_if_brk, kExact},
               {"obtain", "minor_faults_count", nothing, kExact},
               {"touch", "minor_faults_count", param<"pages">, kExact},
               {"touch", "perf_minor_faults_count", param<"pages">, kExact},
               {"touch", "rss_anon_bytes", bytes_of_pages<"pages">, kExact},
               {"touch", "mmap_calls_count", nothing, kExact},
               {"touch", "brk_calls_count", nothing, kExact},
               {"touch", "madvise_calls_count", nothing, kExact}},
    .plots = {view("Faults seen for pages touched", "minor_faults_count", In("touch"),
                   Over("pages"), Series("source"))},
    .run = run,
};
LAB_REGISTER_EXPERIMENT(known_work);

}  // namespace
}  // namespace lab
