// Question:  what do free, cached, buffers and available say while memory of each kind grows?
// Method:    in turn: write a file, evict it, read it, write shared memory, write anonymous
//            memory; the whole machine's meminfo after each step.
// Ideal:     none; the machine is not ours alone.
// Watch:     other programs move the same numbers: sizes must stand out of that noise.
#include "experiments/workload/describe.h"
#include "experiments/workload/mapping.h"
#include "experiments/workload/scratch_file.h"
#include "experiments/workload/touch.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = 4 * point.number("step_bytes"), .system_snapshot = true};
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("step_bytes"));
  const std::size_t page_bytes = lab.page_bytes();
  ScratchFile file(lab);

  lab.mark("write_file");
  file.write(bytes);
  lab.mark("evict_file");
  file.evict();
  lab.mark("read_file");
  file.read(bytes);
  lab.mark("write_shared");
  unsigned char* shared = map_memory(lab, bytes, MAP_SHARED);
  write_pages(shared, bytes / page_bytes, page_bytes);
  lab.mark("write_anonymous");
  unsigned char* anonymous = map_memory(lab, bytes);
  advise(anonymous, bytes, MADV_NOHUGEPAGE);
  write_pages(anonymous, bytes / page_bytes, page_bytes);
  lab.mark("unmap");
  unmap(shared, bytes);
  unmap(anonymous, bytes);
}

constexpr Description system_memory{
    .name = "system_memory",
    .family = "kernel",
    .question = "What do free, cached, buffers and available say while each kind of memory grows?",
    .method = "Write, evict and read a file, write shared memory, write anonymous memory.",
    .params = {{"step_bytes", "byte", "bytes of each step", "16MiB", "128MiB", "512MiB"}},
    .phases = {"write_file", "evict_file", "read_file", "write_shared", "write_anonymous", "unmap"},
    .ideals = {{"write_shared", "rss_shmem_bytes", param<"step_bytes">, kExact},
               {"write_anonymous", "rss_anon_bytes", param<"step_bytes">, kExact},
               {"unmap", "rss_anon_bytes", nothing, kExact}},
    .plots = {view("Free memory falls with every kind of use", "system_mem_free_bytes",
                   kSinceStart),
              view("Available memory falls only where nothing can be dropped",
                   "system_mem_available_bytes", kSinceStart),
              view("Cached holds files and shared memory alike", "system_cached_bytes",
                   kSinceStart),
              view("Buffers: none of these steps needs them", "system_buffers_bytes", kSinceStart)},
    .table = view("Available memory since the start", "system_mem_available_bytes", kSinceStart),
    .claims = {"available-total-minus-used", "free-available", "buffers-vs-cache"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(system_memory);

}  // namespace
}  // namespace lab
