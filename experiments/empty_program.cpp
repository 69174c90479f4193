// Question: What does a process cost before it has done anything, under this allocator?
// Method:   Nothing at all, between two marks. Measured once in every block of every result.
// Ideal:    No fault, no system call; what is resident is the floor to subtract from other runs.
// Watch:    The floor differs by allocator by several MiB, mostly of RSS file.
#include "experiments/workload/describe.h"
#include "harness/contract/experiment.h"

namespace {

using namespace lab;

void run(Context& lab) {
  lab.mark("nothing");
  lab.live(0, 0);
}

constexpr std::string_view phases[] = {"nothing"};

constexpr Ideal ideals[] = {
    {"nothing", "minor_faults_count", nothing, kExact},
    {"nothing", "mmap_calls_count", nothing, kExact},
    {"nothing", "brk_calls_count", nothing, kExact},
};

constexpr View plots[] = {
    {.title = "Memory resident in an empty process",
     .metric = "rss_bytes",
     .phase = "nothing",
     .x = "allocator"},
    {.title = "Anonymous memory resident in an empty process",
     .metric = "rss_anon_bytes",
     .phase = "nothing",
     .x = "allocator"},
};

constexpr Description empty_program{
    .name = "empty_program",
    .family = "baseline",
    .question = "What does a process cost before it has done anything, under this allocator?",
    .method =
        "Nothing happens between two marks; the state is what the allocator, the C library and "
        "the lab itself need.",
    .phases = phases,
    .ideals = ideals,
    .plots = plots,
    .table = plots[0],
    .run = run,
};

LAB_REGISTER_EXPERIMENT(empty_program);

}  // namespace
