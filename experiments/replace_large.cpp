// Question: what does replacing large live buffers cost, and which knob decides it?
// Method:   hold a few buffers of random sizes up to a limit (at least a fifth of it); replace a
//           random one by a new one and write all its pages, again and again.
// Ideal:    the pages of a freed buffer serve the next one: no fault and no system call.
// Watch:    an allocator that returns a large buffer at once pays one fault for each page of the
//           next one; the time of a fault depends on the host, its number does not.
#include "experiments/workload/describe.h"
#include "experiments/workload/live_set.h"

namespace lab {
namespace {

constexpr std::size_t kBuffers = 8;

bool is_default(const Point& point, std::string_view knob) {
  return point.text(knob).empty() || point.is(knob, "absent");
}

// Thresholds and delays belong to different allocators. A high mmap threshold keeps buffers in the
// heap only when the heap's end is not trimmed.
bool sensible(const Point& point) {
  const bool default_trim = is_default(point, "trim_threshold_bytes");
  if (is_default(point, "mmap_threshold_bytes")) return default_trim;
  return is_default(point, "purge_delay_ms") &&
         default_trim != point.is("mmap_threshold_bytes", "32MiB");
}

Needs needs(const Point& point) {
  return {.memory_bytes = 4 * static_cast<std::int64_t>(kBuffers) * point.number("largest_bytes")};
}

void run(Context& lab) {
  const auto largest_bytes = static_cast<std::size_t>(lab.param("largest_bytes"));
  const std::int64_t replacements = lab.param("replacements");
  Rng rng = lab.rng();
  const auto draw = [&] { return largest_bytes / 5 + rng.below(largest_bytes / 5 * 4); };
  LiveSet live(lab, kBuffers);
  const auto replace = [&](std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) live.replace(rng.below(kBuffers), draw());
    live.report(lab);
  };

  lab.mark("fill");
  for (std::size_t slot = 0; slot < kBuffers; ++slot) live.place(slot, draw());
  live.report(lab);
  lab.mark("settle");
  replace(replacements);
  lab.mark("replace");
  replace(replacements);
  lab.statistics();
  lab.mark("free");
  live.drop_all();
  live.report(lab);
}

constexpr Description replace_large{
    .name = "replace_large",
    .family = "large",
    .question = "What does replacing large live buffers cost, and which knob decides it?",
    .method =
        "Hold eight buffers of random sizes; replace a random one by a new one and write all "
        "its pages, again and again.",
    .params = {{"largest_bytes", "byte", "largest buffer", "1MiB", "25MiB", "1MiB 25MiB"},
               {"replacements", "count", "buffers replaced in a phase", "8", "32", "256"}},
    .knobs = {{"mmap_threshold_bytes", "byte", "size from which a block gets a mapping of its own",
               "absent", "absent 128KiB 32MiB"},
              {"trim_threshold_bytes", "byte", "free end of the heap that is given back", "absent",
               "absent 1GiB"},
              {"purge_delay_ms", "ms", "how long free pages are kept; -1: for ever", "absent",
               "absent 0 -1"}},
    .phases = {"fill", "settle", "replace", "free"},
    .ideals = {{"replace", "minor_faults_count", nothing},
               {"replace", "mmap_calls_count", nothing},
               {"replace", "munmap_calls_count", nothing},
               {"replace", "madvise_calls_count", nothing},
               {"fill", "allocations_count", exactly<kBuffers>, kExact},
               {"replace", "allocations_count", param<"replacements">, kExact},
               {"replace", "frees_count", param<"replacements">, kExact},
               {"free", "frees_count", exactly<kBuffers>, kExact}},
    .plots =
        {view("One knob turns the ranking round: faults and system calls explain the time",
              "wall_ns minor_faults_count munmap_calls_count madvise_calls_count rss_anon_bytes",
              In("replace"), Over("allocator"), Series("purge_delay_ms"),
              Where("largest_bytes=25MiB mmap_threshold_bytes=absent"), kSinceStart),
         view("glibc has another knob for the same",
              "wall_ns minor_faults_count munmap_calls_count", In("replace"), Over("allocator"),
              Series("mmap_threshold_bytes"), Where("largest_bytes=25MiB purge_delay_ms=absent"))},
    .table = view("Page faults while replacing", "minor_faults_count", In("replace"),
                  Over("purge_delay_ms"), Panels("mmap_threshold_bytes")),
    .applies = sensible,
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(replace_large);

}  // namespace
}  // namespace lab
